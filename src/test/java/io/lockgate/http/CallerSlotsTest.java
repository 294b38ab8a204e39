package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CallerSlotsTest {
    @Test
    @DisplayName("One caller gets half of the places, and the other half stays for others")
    void half() {
        CallerSlots places = new CallerSlots(4);

        assertThat(places.tryEnter("a")).isTrue();
        assertThat(places.tryEnter("a")).isTrue();
        assertThat(places.tryEnter("a")).isFalse();
        assertThat(places.tryEnter("b")).isTrue();
        assertThat(places.tryEnter("c")).isTrue();
        assertThat(places.tryEnter("d")).isFalse();
        places.leave("a");
        assertThat(places.tryEnter("d")).isTrue();
        assertThat(places.tryEnter("a")).isFalse();
    }

    @Test
    @DisplayName("A single place is available to any caller")
    void one() {
        CallerSlots places = new CallerSlots(1);

        assertThat(places.tryEnter("a")).isTrue();
        assertThat(places.tryEnter("b")).isFalse();
        places.leave("a");
        assertThat(places.tryEnter("b")).isTrue();
    }
}
