package io.lockgate.dependency;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ErrorMessagesTest {
    /** A host that is not found is told in the same words whoever asked, and whether it was asked or remembered. */
    @Test
    void unknownHosts() {
        assertThat(ErrorMessages.of(new UnknownHostException("nobody.invalid")))
                .isEqualTo("unknown host nobody.invalid");
        assertThat(ErrorMessages.of(new UnknownHostException("nobody.invalid: Name or service not known")))
                .isEqualTo("unknown host nobody.invalid");
        assertThat(ErrorMessages.of(new UnknownHostException("Failed to resolve 'nobody.invalid' [A(1)].")))
                .isEqualTo("Failed to resolve 'nobody.invalid' [A(1)]");
    }

    /** A wrapper that has nothing of its own to say is left out. */
    @Test
    void causesOnce() {
        IllegalStateException cause = new IllegalStateException("the disk is full");
        assertThat(ErrorMessages.of(new RuntimeException("cannot start", cause)))
                .isEqualTo("cannot start: the disk is full");
        assertThat(ErrorMessages.of(new RuntimeException(cause))).isEqualTo("the disk is full");
        assertThat(ErrorMessages.of(new RuntimeException("for the disk is full", cause)))
                .isEqualTo("for the disk is full");
        assertThat(ErrorMessages.of(new IllegalStateException())).isEqualTo("IllegalStateException");
    }
}
