package io.lockgate.postgres;

import io.lockgate.identity.Caller;
import io.lockgate.identity.TokenHash;
import io.lockgate.identity.TokenKind;
import io.lockgate.identity.TokenStore;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Tokens in the table {@code tokens}. All time is {@code now()} of Postgres. */
public final class PostgresTokenStore implements TokenStore {
    private static final int SWEPT = 500;

    private static final String CREATE = """
            INSERT INTO tokens (hash, kind, prefix, user_id, username, expires_at, slide_seconds, refresh_id)
            VALUES (:hash, :kind, :prefix, :user, :username,
                    now() + make_interval(secs => CAST(:seconds AS DOUBLE PRECISION)),
                    NULLIF(CAST(:slide AS INTEGER), 0), NULLIF(CAST(:refresh AS BIGINT), 0))
            RETURNING id, 1
            """;

    /** Calls with one refresh token come one after the other, so that each sees what those before it have made. */
    private static final String HOLD_REFRESH = """
            SELECT id, 1 FROM tokens WHERE id = :refresh AND kind = 'refresh' AND revoked_at IS NULL AND expires_at > now()
            FOR NO KEY UPDATE
            """;

    /** All but the newest go. Their rows as well: nothing else would take them out before their end. */
    private static final String END_OLDEST = """
            DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE refresh_id = :refresh
                                            AND revoked_at IS NULL AND expires_at > now()
                                            ORDER BY id DESC OFFSET :kept)
            RETURNING id, 1
            """;

    /** Dates the use, and slides, at most once a minute: a token in steady use is not rewritten with every look-up. */
    private static final String USE = """
            WITH used AS (UPDATE tokens
                          SET last_used_at = now(),
                              expires_at = CASE WHEN slide_seconds IS NULL THEN expires_at
                                                ELSE now() + make_interval(secs => slide_seconds) END
                          WHERE hash = :hash AND revoked_at IS NULL AND expires_at > now()
                          AND (last_used_at IS NULL OR last_used_at < now() - INTERVAL '1 minute'))
            SELECT t.id, t.kind, t.user_id, COALESCE(u.username, t.username), u.id IS NOT NULL,
                   CAST(CASE WHEN t.slide_seconds IS NULL THEN EXTRACT(EPOCH FROM t.expires_at - now()) * 1000
                             ELSE t.slide_seconds * 1000.0 END AS BIGINT),
                   (SELECT CAST(COALESCE(json_agg(json_build_array(p.permission, p.scope)
                                                  ORDER BY p.permission, p.scope), '[]') AS TEXT)
                    FROM permissions p WHERE p.user_id = u.id)
            FROM tokens t LEFT JOIN users u ON u.id = t.user_id
            WHERE t.hash = :hash AND t.revoked_at IS NULL AND t.expires_at > now()
            """;

    private static final String REVOKE = """
            UPDATE tokens SET revoked_at = now() WHERE %s = :key AND revoked_at IS NULL RETURNING id, 1
            """;

    private static final String SWEEP = """
            DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE expires_at < now() - INTERVAL '1 day'
                                            ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED)
            RETURNING id, 1
            """;

    private final PostgresCalls identity;
    private final PostgresCalls logins;
    private final PostgresCalls accounts;

    public PostgresTokenStore(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this.identity = IdentityCalls.of(vertx, bulkheads, PostgresUse.IDENTITY, limits);
        this.logins = IdentityCalls.of(vertx, bulkheads, PostgresUse.LOGINS, limits);
        this.accounts = IdentityCalls.of(vertx, bulkheads, PostgresUse.ACCOUNTS, limits);
    }

    @Override
    public Uni<Long> create(NewToken token) {
        return logins.inSession(() -> insert(token, 0));
    }

    @Override
    public Uni<Optional<Derived>> createUnder(long refreshId, NewToken token, int most) {
        return logins.inTransaction(() -> Rows.one(HOLD_REFRESH, Map.of("refresh", refreshId))
                .chain(held -> held.isEmpty()
                        ? Uni.createFrom().item(Optional.<Derived>empty())
                        : insert(token, refreshId)
                                .chain(id -> Rows.all(END_OLDEST, Map.of("refresh", refreshId, "kept", most))
                                        .map(ended -> Optional.of(new Derived(
                                                id,
                                                ended.stream()
                                                        .map(row -> Rows.number(row[0]))
                                                        .toList()))))));
    }

    private static Uni<Long> insert(NewToken token, long refreshId) {
        long seconds = Math.max(1, token.lifetime().toSeconds());
        Map<String, Object> values = Map.of(
                "hash", token.hash().bytes(),
                "kind", token.kind().name().toLowerCase(Locale.ROOT),
                "prefix", token.shown(),
                "user", token.userId(),
                "username", token.username(),
                "seconds", (double) seconds,
                "slide", token.sliding() ? Math.toIntExact(seconds) : 0,
                "refresh", refreshId);
        return Rows.all(CREATE, values).map(rows -> Rows.number(rows.getFirst()[0]));
    }

    @Override
    public Uni<Optional<Found>> use(TokenHash hash) {
        return identity.inSession(
                () -> Rows.one(USE, Map.of("hash", hash.bytes())).map(found -> found.map(PostgresTokenStore::found)));
    }

    @Override
    public Uni<Boolean> revoke(long id) {
        return revoke(accounts, "id", id);
    }

    @Override
    public Uni<Boolean> revoke(TokenHash hash) {
        return revoke(logins, "hash", hash.bytes());
    }

    @Override
    public Uni<Integer> sweep() {
        return accounts.inSession(() -> Rows.all(SWEEP, Map.of("limit", SWEPT)).map(rows -> rows.size()));
    }

    private static Uni<Boolean> revoke(PostgresCalls calls, String column, Object key) {
        return calls.inSession(
                () -> Rows.one(REVOKE.replace("%s", column), Map.of("key", key)).map(Optional::isPresent));
    }

    private static Found found(Object[] row) {
        Caller identity = new Caller(
                Rows.text(row[3]),
                Rows.number(row[2]),
                TokenKind.valueOf(Rows.text(row[1]).toUpperCase(Locale.ROOT)),
                Rows.number(row[0]),
                (Boolean) row[4],
                true,
                PermissionRows.parse(Rows.text(row[6])));
        return new Found(identity, Duration.ofMillis(Rows.number(row[5])));
    }
}
