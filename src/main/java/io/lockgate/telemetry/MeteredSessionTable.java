package io.lockgate.telemetry;

import io.lockgate.range.Cursor;
import io.lockgate.range.GrantPage;
import io.lockgate.range.Session;
import io.lockgate.range.SessionEnding;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionOpening;
import io.lockgate.range.SessionPage;
import io.lockgate.range.SessionRenewal;
import io.lockgate.range.SessionTable;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Counts and times each verb of {@link SessionTable} by outcome: {@code
 * lockgate_session_renew_seconds{outcome="renewed"}} and so on. {@code unavailable} means that nothing happened, {@code
 * unknown} that nobody can tell, or that a part was done.
 */
public final class MeteredSessionTable implements SessionTable {
    private final SessionTable table;
    private final Timers timers;

    public MeteredSessionTable(SessionTable table, MeterRegistry registry) {
        this(table, new Timers(registry, "Calls of client sessions by outcome"));
    }

    private MeteredSessionTable(SessionTable table, Timers timers) {
        this.table = table;
        this.timers = timers;
    }

    @Override
    public SessionTable onBehalfOf(String principal) {
        return new MeteredSessionTable(table.onBehalfOf(principal), timers);
    }

    @Override
    public Uni<SessionOpening> open(String principal, String ownerName, Duration ttl) {
        return timed("lockgate.session.open", table.open(principal, ownerName, ttl), outcome -> switch (outcome) {
            case SessionOpening.Opened opened -> "opened";
            case SessionOpening.TooManySessions tooMany -> "limit";
        });
    }

    @Override
    public Uni<Optional<Session>> find(SessionId id) {
        return timed("lockgate.session.find", table.find(id), found -> found.isPresent() ? "found" : "missing");
    }

    @Override
    public Uni<SessionRenewal> renew(SessionId id, String principal) {
        return timed("lockgate.session.renew", table.renew(id, principal), outcome -> switch (outcome) {
            case SessionRenewal.Renewed renewed -> "renewed";
            case SessionRenewal.Lost lost -> "lost";
            case SessionRenewal.NoSuchSession missing -> "missing";
        });
    }

    @Override
    public Uni<SessionEnding> end(SessionId id, Optional<String> principal) {
        return timed("lockgate.session.end", table.end(id, principal), outcome -> switch (outcome) {
            case SessionEnding.Ended ended -> "ended";
            case SessionEnding.NoSuchSession missing -> "missing";
        });
    }

    @Override
    public Uni<SessionPage> list(Optional<String> principal, Optional<String> ownerName, Cursor after, int limit) {
        return timed("lockgate.session.list", table.list(principal, ownerName, after, limit), page -> "listed");
    }

    @Override
    public Uni<GrantPage> grants(SessionId id, Cursor after, int limit) {
        return timed("lockgate.session.grants", table.grants(id, after, limit), page -> "listed");
    }

    private <T> Uni<T> timed(String verb, Uni<T> call, Function<T, String> outcome) {
        return timers.timed(verb, call, outcome, MeteredRangeLockTable::failureName);
    }
}
