package io.lockgate.postgres;

import io.lockgate.identity.AuditReader;
import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.IdentityUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The trail in the table {@code audit}, which takes new rows and nothing else. When Postgres does not answer, {@link
 * #record} fails with {@link IdentityUnavailableException}, and so does the deed.
 *
 * <p>Ids are given before rows are visible, so a reader of the newest page may miss a row that appears a moment later
 * with a lower id; reading the page again shows it.
 */
public final class PostgresAudit implements AuditTrail, AuditReader {
    private static final String RECORD = """
            INSERT INTO audit (actor, what, object, whose, reason)
            VALUES (:actor, :what, :object, :whose, :reason) RETURNING id, 1
            """;

    private static final String READ = """
            SELECT id, CAST(EXTRACT(EPOCH FROM at) * 1000000 AS BIGINT), actor, what, object, whose, reason, outcome
            FROM audit WHERE id < :below%s ORDER BY id DESC LIMIT :limit
            """;

    private static final String INSTANT = "TIMESTAMPTZ 'epoch' + CAST(:%s AS BIGINT) * INTERVAL '1 microsecond'";

    private final PostgresCalls writing;
    private final PostgresCalls reading;

    public PostgresAudit(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this.writing = IdentityCalls.of(vertx, bulkheads, PostgresUse.AUDIT, limits);
        // A filter without an index may take its time; no release waits for it.
        this.reading = IdentityCalls.of(vertx, bulkheads, PostgresUse.ACCOUNTS, limits);
    }

    @Override
    public Uni<Void> record(Entry entry) {
        Map<String, Object> values = Map.of(
                "actor", entry.who(),
                "what", entry.what(),
                "object", entry.target(),
                "whose", entry.whose(),
                "reason", entry.why().orElse(""));
        return writing.inSession(() -> Rows.all(RECORD, values)).replaceWithVoid();
    }

    @Override
    public Uni<List<Row>> read(Filter filter, int limit) {
        StringBuilder conditions = new StringBuilder();
        Map<String, Object> values = new HashMap<>();
        values.put("below", filter.below().orElse(Long.MAX_VALUE));
        values.put("limit", limit);
        filter.actor().ifPresent(actor -> {
            conditions.append(" AND actor = :actor");
            values.put("actor", actor);
        });
        filter.object().ifPresent(object -> {
            conditions.append(" AND object = :object");
            values.put("object", object);
        });
        filter.from().ifPresent(from -> {
            conditions.append(" AND at >= ").append(INSTANT.replace("%s", "from_us"));
            values.put("from_us", micros(from));
        });
        filter.to().ifPresent(to -> {
            conditions.append(" AND at < ").append(INSTANT.replace("%s", "to_us"));
            values.put("to_us", micros(to));
        });
        return reading.inSession(() -> Rows.all(READ.replace("%s", conditions), values)
                .map(rows -> rows.stream().map(PostgresAudit::row).toList()));
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static Row row(Object[] row) {
        return new Row(
                Rows.number(row[0]),
                Instant.EPOCH.plus(Rows.number(row[1]), ChronoUnit.MICROS),
                Rows.text(row[2]),
                Rows.text(row[3]),
                Rows.text(row[4]),
                Rows.text(row[5]),
                Rows.text(row[6]),
                Rows.text(row[7]));
    }
}
