package io.lockgate.redis;

import io.netty.util.NetUtil;
import io.smallrye.mutiny.Uni;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Rows that a gateway of the version before wrote hold addresses as its clients spelled them. Before a bucket is asked
 * about an address, those rows are given the canonical spelling, in bounded steps; after that one spelling finds them
 * all (ADR 22).
 *
 * <p>Only a gateway of the version before can write another spelling. So a bucket is looked through for each question
 * while one may still run beside this one, and once a minute from then on.
 */
final class AddressSpellings {
    /** How long after the start of this gateway one of the version before may still be there. */
    static final Duration REPLACEMENT = Duration.ofHours(1);

    private static final Duration GOOD_FOR = Duration.ofMinutes(1);

    /** Addresses that one script steps over. */
    private static final int ADDRESSES = 200;

    private static final long NEVER = Long.MIN_VALUE;

    private static final LuaScript SPELLINGS = LuaScript.load("locks/spellings");
    private static final LuaScript RESPELL = LuaScript.load("locks/respell").evenWhenFull();
    private final ScriptRunner runner;
    private final RedisKeys keys;
    private final int maxSteps;
    private final LongSupplier nanos;
    private final long began;
    /** When a bucket was last looked through, after {@link #began}. */
    private final AtomicLongArray lookedThrough;

    /** @param nanos a clock like {@link System#nanoTime} */
    AddressSpellings(ScriptRunner runner, RedisKeys keys, int maxSteps, LongSupplier nanos) {
        this.runner = runner;
        this.keys = keys;
        this.maxSteps = maxSteps;
        this.nanos = nanos;
        this.began = nanos.getAsLong();
        this.lookedThrough = new AtomicLongArray(keys.buckets());
        for (int i = 0; i < keys.buckets(); i++) {
            lookedThrough.set(i, NEVER);
        }
    }

    /** Done when all rows of the bucket that stood at the call have canonical addresses. */
    Uni<Void> settle(int bucket) {
        long age = nanos.getAsLong() - began;
        long last = lookedThrough.get(bucket);
        if (age > REPLACEMENT.toNanos() && last != NEVER && age - last < GOOD_FOR.toNanos()) {
            return Uni.createFrom().voidItem();
        }
        return lookThrough(bucket, "").invoke(() -> lookedThrough.set(bucket, age));
    }

    private Uni<Void> lookThrough(int bucket, String place) {
        String id = runner.newRequestId();
        return runner.run(SPELLINGS, id, keys.ofBucket(bucket, id), List.of(Integer.toString(ADDRESSES), place), false)
                .flatMap(reply -> {
                    Uni<Void> done = Uni.createFrom().voidItem();
                    for (int i = 4; i < reply.size(); i++) {
                        String stored = reply.text(i);
                        done = done.flatMap(ignored -> respell(bucket, stored));
                    }
                    return reply.text(2).isEmpty() ? done.flatMap(ignored -> lookThrough(bucket, reply.text(3))) : done;
                });
    }

    /** @param stored protocol letter and address */
    private Uni<Void> respell(int bucket, String stored) {
        String address = stored.substring(1);
        Optional<String> canonical = canonical(address);
        return canonical.isEmpty() || canonical.get().equals(address)
                ? Uni.createFrom().voidItem()
                : respell(
                        bucket, List.of(Integer.toString(maxSteps), stored.substring(0, 1), address, canonical.get()));
    }

    private Uni<Void> respell(int bucket, List<String> arguments) {
        String id = runner.newRequestId();
        return runner.run(RESPELL, id, keys.ofBucket(bucket, id), arguments, true)
                .flatMap(reply -> Integer.parseInt(reply.text(2)) < maxSteps
                        ? Uni.createFrom().voidItem()
                        : respell(bucket, arguments));
    }

    /**
     * What the version before took for an address, or had from a connection, in the spelling of this one: any literal
     * that the JDK reads, such as {@code 010.0.0.1} or {@code 1}, and a zone id. Empty for what never was one.
     */
    static Optional<String> canonical(String stored) {
        int zone = stored.indexOf('%');
        try {
            return Optional.of(
                    NetUtil.toAddressString(InetAddress.ofLiteral(zone < 0 ? stored : stored.substring(0, zone))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
