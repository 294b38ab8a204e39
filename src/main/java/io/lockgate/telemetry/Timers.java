package io.lockgate.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Timers of one name, found by the values of their tags without asking the registry each time. */
final class Timers {
    /**
     * Bounds of the histograms: what a lock service is asked about, up to the 2 s after which it must have answered.
     */
    private static final Duration[] BOUNDS = {
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2)
    };

    /** Series of one kind of timer; what would be one more is counted as {@code other}. */
    private static final int MAX_SERIES = 500;

    private record Key(String first, String second) {}

    private static final String REST = "other";

    private final MeterRegistry registry;
    private final String description;
    private final Duration[] bounds;
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

    Timers(MeterRegistry registry, String description) {
        this(registry, description, BOUNDS);
    }

    /** @param bounds of the histograms, ascending */
    Timers(MeterRegistry registry, String description, Duration... bounds) {
        this.registry = registry;
        this.description = description;
        this.bounds = bounds.clone();
    }

    void record(String name, String outcome, long nanos) {
        timer(new Key(name, outcome), name, List.of(Tag.of("outcome", outcome)), nanos);
    }

    /**
     * Times a call from its subscription on.
     *
     * @param outcome names what it answered
     * @param failureName names what it failed with
     */
    <T> Uni<T> timed(String name, Uni<T> call, Function<T, String> outcome, Function<Throwable, String> failureName) {
        return Uni.createFrom().deferred(() -> {
            long began = System.nanoTime();
            return call.onItemOrFailure().invoke((item, failure) -> {
                String ended = failure == null ? outcome.apply(item) : failureName.apply(failure);
                record(name, ended, System.nanoTime() - began);
            });
        });
    }

    void record(String name, String tag, String value, String outcome, long nanos) {
        timer(new Key(value, outcome), name, List.of(Tag.of(tag, value), Tag.of("outcome", outcome)), nanos);
    }

    private void timer(Key key, String name, List<Tag> tags, long nanos) {
        Timer timer = timers.get(key);
        if (timer == null && timers.size() >= MAX_SERIES && !key.second().equals(REST)) {
            // Outcomes are words of our own scripts; were they anything else, they would not fill the memory.
            timer(
                    new Key(key.first(), REST),
                    name,
                    tags.stream()
                            .map(tag -> tag.getKey().equals("outcome") ? Tag.of("outcome", REST) : tag)
                            .toList(),
                    nanos);
            return;
        }
        if (timer == null) {
            timer = timers.computeIfAbsent(
                    key,
                    missing -> Timer.builder(name)
                            .description(description)
                            .tags(tags)
                            .serviceLevelObjectives(bounds)
                            .register(registry));
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }
}
