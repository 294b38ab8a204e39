package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FairExecutorTest {
    private long nanos;
    private final FairExecutor turns = new FairExecutor(1, 10, 20, Duration.ofSeconds(1), () -> nanos);
    private final Map<String, UniEmitter<? super String>> running = new LinkedHashMap<>();
    private final List<String> begun = new ArrayList<>();
    private final List<String> answered = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();

    @Test
    @DisplayName("A limited number of tasks run at once, and the end of one starts the next")
    void oneAfterTheOther() {
        ask("a", false);
        ask("b", false);
        assertThat(begun).containsExactly("a");
        end("a");
        assertThat(begun).containsExactly("a", "b");
        end("b");
        ask("c", false);
        assertThat(begun).containsExactly("a", "b", "c");
        assertThat(answered).containsExactly("a", "b");
        assertThat(turns.waiting()).isZero();
    }

    @Test
    @DisplayName("A failed task frees its place")
    void failureFreesThePlace() {
        List<Throwable> failures = new ArrayList<>();
        turns.<String>run(asker(false), () -> {
                    throw new IllegalStateException("a");
                })
                .subscribe()
                .with(item -> {}, failures::add);
        ask("b", false);
        assertThat(begun).containsExactly("b");
        assertThat(failures).hasSize(1);
    }

    @Test
    @DisplayName("A task that has waited too long is refused and does not start")
    void waitsAreBounded() {
        ask("a", false);
        ask("b", false);
        nanos = Duration.ofMillis(500).toNanos();
        ask("c", false);
        nanos = Duration.ofMillis(1_001).toNanos();
        end("a");
        assertThat(refused).containsExactly("b");
        assertThat(begun).containsExactly("a", "c");
    }

    @Test
    @DisplayName("A task that has waited too long is refused even while no task ends")
    void hangingWorkHoldsNobodyUp() {
        FairExecutor real = new FairExecutor(1, 1, 20, Duration.ofMillis(20), System::nanoTime);
        real.run(asker(false), () -> Uni.createFrom().<String>nothing())
                .subscribe()
                .with(item -> {});
        for (int i = 0; i < 3; i++) {
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            real.run(asker(false), () -> Uni.createFrom().item("b")).subscribe().with(item -> {}, failure::set);
            await().untilAsserted(() -> assertThat(failure.get()).isInstanceOf(FairExecutor.TooManyException.class));
            assertThat(real.waiting()).as("its place is free").isZero();
        }
    }

    @Test
    @DisplayName("Preferred tasks go first, but every fourth turn is for others")
    void preferredFirst() {
        ask("running", false);
        for (int i = 0; i < 3; i++) {
            ask("other-" + i, false);
        }
        for (int i = 0; i < 7; i++) {
            ask("known-" + i, true);
        }
        for (int i = 0; i < 11; i++) {
            end(begun.getLast());
        }
        assertThat(begun.subList(1, begun.size()))
                .containsExactly(
                        "known-0", "known-1", "known-2", "other-0", "known-3", "known-4", "known-5", "other-1",
                        "known-6", "other-2");
    }

    private void ask(String name, boolean preferred) {
        turns.<String>run(
                        asker(preferred),
                        () -> Uni.createFrom().emitter(emitter -> {
                            begun.add(name);
                            running.put(name, emitter);
                        }))
                .subscribe()
                .with(answered::add, failure -> {
                    assertThat(failure).isInstanceOf(FairExecutor.TooManyException.class);
                    refused.add(name);
                });
    }

    /** One network and one name: served in order. */
    private static FairExecutor.Asker asker(boolean preferred) {
        return new FairExecutor.Asker("10.0.0.1", "n", preferred);
    }

    private void end(String name) {
        Objects.requireNonNull(running.get(name)).complete(name);
    }
}
