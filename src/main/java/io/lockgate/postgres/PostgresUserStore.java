package io.lockgate.postgres;

import io.lockgate.identity.User;
import io.lockgate.identity.UserStore;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Users in the tables {@code users} and {@code permissions}. Every change is one statement that commits by itself. */
public final class PostgresUserStore implements UserStore {
    private static final String COLUMNS = """
            SELECT u.id, u.username, COALESCE(u.email, ''), u.password_hash,
                   (SELECT CAST(COALESCE(json_agg(json_build_array(p.permission, p.scope)
                                                  ORDER BY p.permission, p.scope), '[]') AS TEXT)
                    FROM permissions p WHERE p.user_id = u.id)
            FROM users u
            """;

    private static final String GIVEN = """
            SELECT DISTINCT CAST(p AS JSON) ->> 0 AS permission, CAST(p AS JSON) ->> 1 AS scope
            FROM json_array_elements(CAST(CAST(:permissions AS TEXT) AS JSON)) AS p
            """;

    private static final String CREATE = """
            WITH made AS (INSERT INTO users (username, email, password_hash)
                          SELECT :username, NULLIF(CAST(:email AS TEXT), ''), :hash WHERE %s
                          ON CONFLICT DO NOTHING
                          RETURNING id),
                 given AS (INSERT INTO permissions (user_id, permission, scope)
                           SELECT made.id, g.permission, g.scope FROM made, (""" + GIVEN + """
                 ) AS g)
            SELECT made.id, 1 FROM made
            """;

    /**
     * Permissions that stay are left alone: a row cannot be taken and given in one statement. An address that somebody
     * else has changes nothing; of two who take it at the same moment one runs into the constraint, and its second
     * attempt sees the other.
     */
    private static final String CHANGE = """
            WITH changed AS (UPDATE users
                             SET email = CASE WHEN :sets_email THEN NULLIF(CAST(:email AS TEXT), '') ELSE email END,
                                 password_hash = COALESCE(NULLIF(CAST(:hash AS TEXT), ''), password_hash)
                             WHERE id = :id AND NOT (:sets_email AND EXISTS (
                                 SELECT 1 FROM users o WHERE o.email = CAST(:email AS TEXT) AND o.id <> :id))
                             RETURNING id),
                 g AS (""" + GIVEN + """
                 ),
                 taken AS (DELETE FROM permissions p
                           WHERE :sets_permissions AND p.user_id IN (SELECT id FROM changed)
                           AND NOT EXISTS (SELECT 1 FROM g WHERE g.permission = p.permission AND g.scope = p.scope)),
                 given AS (INSERT INTO permissions (user_id, permission, scope)
                           SELECT changed.id, g.permission, g.scope FROM changed, g WHERE :sets_permissions
                           ON CONFLICT DO NOTHING),
                 ended AS (UPDATE tokens SET revoked_at = now()
                           WHERE CAST(:hash AS TEXT) <> '' AND user_id IN (SELECT id FROM changed)
                           AND revoked_at IS NULL AND kind <> 'partner')
            SELECT changed.id, 1 FROM changed
            """;

    /** Waits for locks that are just being taken, so that {@link #DELETE}, a statement later, sees them. */
    private static final String HOLD = "SELECT id, 1 FROM users WHERE id = :id FOR UPDATE";

    private static final String DELETE = """
            WITH gone AS (DELETE FROM users WHERE id = :id RETURNING id),
                 routes AS (DELETE FROM route_locks WHERE holder IN (SELECT id FROM gone)),
                 gadgets AS (DELETE FROM course_locks WHERE owner IN (SELECT id FROM gone))
            SELECT gone.id, 1 FROM gone
            """;

    private final PostgresCalls identity;
    private final PostgresCalls logins;
    private final PostgresCalls accounts;

    public PostgresUserStore(Vertx vertx, PostgresLimits limits, PostgresBulkheads bulkheads) {
        this.identity = IdentityCalls.of(vertx, bulkheads, PostgresUse.IDENTITY, limits);
        this.logins = IdentityCalls.of(vertx, bulkheads, PostgresUse.LOGINS, limits);
        this.accounts = IdentityCalls.of(vertx, bulkheads, PostgresUse.ACCOUNTS, limits);
    }

    @Override
    public Uni<Creation> create(NewUser user) {
        return make(user, "TRUE")
                .map(made -> made.<Creation>map(Creation.Created::new).orElseGet(Creation.Taken::new));
    }

    @Override
    public Uni<Optional<User>> createFirst(NewUser user) {
        return make(user, "NOT EXISTS (SELECT 1 FROM users)");
    }

    @Override
    public Uni<Optional<Credentials>> findByName(String username) {
        return find(logins, "WHERE u.username = :key", username);
    }

    @Override
    public Uni<Optional<User>> findSubject(String username) {
        return find(identity, "WHERE u.username = :key", username).map(found -> found.map(Credentials::user));
    }

    @Override
    public Uni<Optional<User>> findByEmail(String email) {
        return find(logins, "WHERE u.email = :key", email).map(found -> found.map(Credentials::user));
    }

    @Override
    public Uni<Optional<User>> find(long id) {
        return find(logins, "WHERE u.id = :key", id).map(found -> found.map(Credentials::user));
    }

    @Override
    public Uni<List<User>> list(long after, int limit) {
        return accounts.inSession(() -> Rows.all(
                        COLUMNS + "WHERE u.id > :after ORDER BY u.id LIMIT :limit",
                        Map.of("after", after, "limit", limit))
                .map(rows -> rows.stream().map(row -> credentials(row).user()).toList()));
    }

    @Override
    public Uni<Changing> change(long id, Change change) {
        Map<String, Object> values = new HashMap<>();
        values.put("id", id);
        values.put("sets_email", change.email().isPresent());
        values.put("email", change.email().orElse(""));
        values.put("hash", change.passwordHash().orElse(""));
        values.put("sets_permissions", change.permissions().isPresent());
        values.put("permissions", PermissionRows.text(change.permissions().orElse(List.of())));
        return accounts.inTransaction(() -> Rows.one(CHANGE, values))
                .chain(changed -> find(id).map(user -> outcome(changed.isPresent(), user)));
    }

    @Override
    public Uni<Boolean> delete(long id) {
        Map<String, Object> who = Map.of("id", id);
        return accounts.inTransaction(
                () -> Rows.one(HOLD, who).chain(held -> Rows.one(DELETE, who)).map(Optional::isPresent));
    }

    private Uni<Optional<User>> make(NewUser user, String condition) {
        Map<String, Object> values = Map.of(
                "username", user.username(),
                "email", user.email().orElse(""),
                "hash", user.passwordHash(),
                "permissions", PermissionRows.text(user.permissions()));
        return accounts.inSession(() -> Rows.one(CREATE.replace("%s", condition), values)
                .map(made -> made.map(
                        row -> new User(Rows.number(row[0]), user.username(), user.email(), user.permissions()))));
    }

    private static Uni<Optional<Credentials>> find(PostgresCalls calls, String condition, Object key) {
        return calls.inSession(() -> Rows.one(COLUMNS + condition, Map.of("key", key))
                .map(found -> found.map(PostgresUserStore::credentials)));
    }

    private static Credentials credentials(Object[] row) {
        String email = Rows.text(row[2]);
        return new Credentials(
                new User(
                        Rows.number(row[0]),
                        Rows.text(row[1]),
                        email.isEmpty() ? Optional.empty() : Optional.of(email),
                        PermissionRows.parse(Rows.text(row[4]))),
                Rows.text(row[3]));
    }

    private static Changing outcome(boolean changed, Optional<User> user) {
        if (user.isEmpty()) {
            return new Changing.NoSuchUser();
        }
        return changed ? new Changing.Changed(user.get()) : new Changing.Taken();
    }
}
