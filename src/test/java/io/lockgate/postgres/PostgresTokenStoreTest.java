package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.lockgate.identity.AuditReader;
import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.TokenHash;
import io.lockgate.identity.TokenKind;
import io.lockgate.identity.TokenStore;
import io.lockgate.identity.TokenStoreContract;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class PostgresTokenStoreTest extends TokenStoreContract {
    @Inject
    Vertx vertx;

    @Inject
    PostgresLimits limits;

    @Inject
    PostgresBulkheads bulkheads;

    @Inject
    AgroalDataSource database;

    @Override
    protected TokenStore store() {
        return new PostgresTokenStore(vertx, limits, bulkheads);
    }

    @Test
    @DisplayName("Use extends a session but no other token; ended tokens are deleted later")
    void sessionsSlide() throws SQLException {
        TokenHash sid = made(TokenKind.SID, Duration.ofHours(1));
        TokenHash bearer = made(TokenKind.BEARER, Duration.ofHours(1));
        execute("UPDATE tokens SET expires_at = now() + INTERVAL '10 minutes' WHERE username = 'contract'"
                + " AND revoked_at IS NULL");

        assertThat(await(store().use(sid)).orElseThrow().left()).isGreaterThan(Duration.ofMinutes(59));
        assertThat(await(store().use(bearer)).orElseThrow().left()).isLessThan(Duration.ofMinutes(11));
        execute("UPDATE tokens SET expires_at = now() - INTERVAL '2 days' WHERE kind = 'bearer'"
                + " AND username = 'contract'");
        assertThat(await(store().use(bearer))).isEmpty();
        assertThat(await(store().use(sid))).isPresent();
        assertThat(await(store().sweep())).isPositive();
    }

    @Test
    @DisplayName("The audit trail is read by filters, newest first, page by page, and cannot be changed")
    void auditIsAppendOnly() throws SQLException {
        PostgresAudit audit = new PostgresAudit(vertx, limits, bulkheads);
        String actor = "auditor-" + UUID.randomUUID();
        for (int i = 0; i < 3; i++) {
            await(audit.record(new AuditTrail.Entry(actor, "what", "object-" + i, "whose", Optional.of("why"))));
        }

        List<AuditReader.Row> page = await(audit.read(filter(actor, Optional.empty()), 2));
        assertThat(page).extracting(AuditReader.Row::object).containsExactly("object-2", "object-1");
        assertThat(page.getFirst().reason()).isEqualTo("why");
        assertThat(await(audit.read(filter(actor, Optional.of(page.getLast().id())), 2)))
                .extracting(AuditReader.Row::object)
                .containsExactly("object-0");
        for (String forbidden : List.of("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit")) {
            assertThatThrownBy(() -> execute(forbidden))
                    .as(forbidden)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("append-only");
        }
    }

    private static AuditReader.Filter filter(String actor, Optional<Long> below) {
        return new AuditReader.Filter(Optional.of(actor), Optional.empty(), Optional.empty(), Optional.empty(), below);
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
