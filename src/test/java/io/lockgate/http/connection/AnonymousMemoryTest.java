package io.lockgate.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AnonymousMemoryTest {
    private static final int KB = 1_024;

    private final LongAdder count = new LongAdder();
    private final AnonymousMemory memory = new AnonymousMemory(100 * KB, count);
    private final List<String> closed = new ArrayList<>();

    private AnonymousMemory.Holder holder(String network, String name) {
        return memory.new Holder(network, () -> closed.add(name));
    }

    @Test
    @DisplayName("Over the limit the largest connection of the largest network is closed, not the requesting one")
    void heaviest() {
        holder("a", "largest of all").take(40 * KB);
        holder("b", "b1").take(20 * KB);
        AnonymousMemory.Holder most = holder("b", "b2");
        most.take(30 * KB);
        assertThat(closed).isEmpty();
        holder("c", "c1").take(20 * KB);
        assertThat(closed).containsExactly("b2");
        assertThat(count.sum()).isEqualTo(1);
        assertThat(memory.held()).isEqualTo(80 * KB);
        most.take(100 * KB);
        most.give(5 * KB);
        most.leave();
        assertThat(memory.held()).as("closed ones count no more").isEqualTo(80 * KB);
    }

    @Test
    @DisplayName("If all are small, the requesting connection is closed")
    void small() {
        for (int i = 0; i < 10; i++) {
            holder("n" + i, "n" + i).take(10 * KB);
        }
        assertThat(closed).isEmpty();
        holder("last", "last").take(KB);
        assertThat(closed).containsExactly("last");
        assertThat(memory.held()).isEqualTo(100 * KB);
    }

    @Test
    @DisplayName("Of several equally large connections the requesting one is closed, before its request is decoded")
    void equals() {
        for (int i = 1; i <= 8; i++) {
            holder("a", "a" + i).take(30 * KB);
        }
        assertThat(closed).containsExactly("a4", "a5", "a6", "a7", "a8");
        assertThat(memory.held()).isEqualTo(90 * KB);
    }

    @Test
    @DisplayName("If the largest connection is closed for others, its remaining memory closes no other connection")
    void othersSurvive() {
        holder("a", "heavy").take(95 * KB);
        holder("b", "modest").take(20 * KB);
        assertThat(closed).containsExactly("heavy");
        assertThat(memory.held()).isEqualTo(20 * KB);
    }

    @Test
    @DisplayName(
            "Memory of closed connections counts until they end; beyond twice the limit large requesters are closed")
    void notFreeYet() {
        List<AnonymousMemory.Holder> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            // Each is a little lighter than the one before, which is therefore closed for it.
            AnonymousMemory.Holder next = holder("a", "a" + i);
            all.add(next);
            next.take((60L - i) * KB);
        }
        assertThat(closed).containsExactly("a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9");
        holder("b", "small").take(10 * KB);
        assertThat(closed).doesNotContain("small");
        all.forEach(AnonymousMemory.Holder::leave);
        holder("a", "later").take(60 * KB);
        assertThat(closed).doesNotContain("later");
        assertThat(memory.held()).isEqualTo(70 * KB);
    }

    @Test
    @DisplayName("Released memory makes room for others")
    void givenBack() {
        AnonymousMemory.Holder one = holder("a", "one");
        AnonymousMemory.Holder two = holder("a", "two");
        for (int i = 0; i < 10; i++) {
            one.take(50 * KB);
            two.take(50 * KB);
            one.give(20 * KB);
            one.giveAll();
            two.give(50 * KB);
        }
        one.take(90 * KB);
        one.leave();
        two.take(90 * KB);
        assertThat(closed).isEmpty();
        assertThat(memory.held()).isEqualTo(90 * KB);
    }
}
