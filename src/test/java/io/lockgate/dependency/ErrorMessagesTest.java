package io.lockgate.dependency;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ErrorMessagesTest {
    @Test
    @DisplayName("An unknown host is reported in the same words from every resolver, cached or not")
    void unknownHosts() {
        assertThat(ErrorMessages.of(new UnknownHostException("nobody.invalid")))
                .isEqualTo("unknown host nobody.invalid");
        assertThat(ErrorMessages.of(new UnknownHostException("nobody.invalid: Name or service not known")))
                .isEqualTo("unknown host nobody.invalid");
        assertThat(ErrorMessages.of(new UnknownHostException("Failed to resolve 'nobody.invalid' [A(1)].")))
                .isEqualTo("Failed to resolve 'nobody.invalid' [A(1)]");
    }

    @Test
    @DisplayName("A wrapper exception without a message of its own is left out")
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
