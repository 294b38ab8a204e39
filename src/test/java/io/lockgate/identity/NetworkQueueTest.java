package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NetworkQueueTest {
    private final NetworkQueue<String> queue = new NetworkQueue<>(4, 8);

    @Test
    @DisplayName("Networks take turns, names within a network take turns, and each name is served in order")
    void turns() {
        for (String item : List.of("a/x/1", "a/x/2", "a/y/1", "b/x/1", "a/y/2")) {
            assertThat(offer(item)).isNull();
        }
        assertThat(rest()).containsExactly("a/x/1", "b/x/1", "a/y/1", "a/x/2", "a/y/2");
        assertThat(queue.size()).isZero();
    }

    @Test
    @DisplayName(
            "Beyond a network's limit the name with the longest queue loses a place, else the new request is refused")
    void boundOfANetwork() {
        for (int i = 0; i < 4; i++) {
            assertThat(offer("a/x/" + i)).isNull();
        }
        assertThat(offer("a/x/4")).isEqualTo("a/x/4");
        assertThat(offer("a/y/0")).isEqualTo("a/x/3");
        assertThat(offer("a/y/1")).isEqualTo("a/x/2");
        assertThat(offer("a/y/2")).isEqualTo("a/y/2");
        assertThat(offer("b/x/0")).isNull();
        assertThat(queue.size()).isEqualTo(5);
    }

    @Test
    @DisplayName(
            "Beyond the total limit the network with the longest queue loses a place, else the new request is refused")
    void boundOfAll() {
        for (int i = 0; i < 4; i++) {
            offer("a/x/" + i);
            offer("b/x/" + i);
        }
        assertThat(offer("c/x/0")).isEqualTo("a/x/3");
        assertThat(offer("c/x/1")).isEqualTo("b/x/3");
        assertThat(offer("c/x/2")).isEqualTo("c/x/2");
        assertThat(queue.size()).isEqualTo(8);
        assertThat(queue.poll()).isEqualTo("a/x/0");
    }

    @Test
    @DisplayName("For any sequence of calls the queue is bounded, loses nothing and returns nothing twice")
    void countsStayRight() {
        Random random = new Random(7);
        List<String> in = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(5)) {
                case 0, 1, 2 -> {
                    String item = random.nextInt(4) + "/" + random.nextInt(3) + "/" + i;
                    in.add(item);
                    @Nullable String out = offer(item);
                    if (out != null) {
                        assertThat(in.remove(out)).isTrue();
                    }
                }
                case 3 -> {
                    @Nullable String out = queue.poll();
                    assertThat(out == null).isEqualTo(in.isEmpty());
                    in.remove(out);
                }
                default -> {
                    if (random.nextInt(20) == 0) {
                        String suffix = String.valueOf(random.nextInt(10));
                        List<String> out = queue.removeOldestWhile(item -> item.endsWith(suffix));
                        assertThat(in.removeAll(out)).isEqualTo(!out.isEmpty());
                        assertThat(out).allMatch(item -> item.endsWith(suffix));
                    }
                }
            }
            assertThat(queue.size()).isEqualTo(in.size()).isLessThanOrEqualTo(8);
        }
        assertThat(rest()).containsExactlyInAnyOrderElementsOf(in);
    }

    private @Nullable String offer(String item) {
        String[] parts = item.split("/", -1);
        return queue.offer(parts[0], parts[1], item);
    }

    private List<String> rest() {
        List<String> all = new ArrayList<>();
        for (@Nullable String next = queue.poll(); next != null; next = queue.poll()) {
            all.add(next);
        }
        return all;
    }
}
