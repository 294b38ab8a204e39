package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A row of {@code tokens}: checked against the table at start; read and changed by {@link PostgresTokenStore}. */
@Entity
@Immutable
@Table(name = "tokens")
class TokenEntity extends PanacheEntityBase {
    @Id
    Long id;

    @Column(nullable = false, columnDefinition = "bytea")
    byte[] hash;

    @Column(nullable = false, columnDefinition = "text")
    String kind;

    @Column(nullable = false, columnDefinition = "text")
    String prefix;

    @Column(name = "user_id", nullable = false)
    long userId;

    @Column(nullable = false, columnDefinition = "text")
    String username;

    @Column(name = "created_at", nullable = false)
    Instant createdAt;

    @Column(name = "expires_at", nullable = false)
    Instant expiresAt;

    @Column(name = "slide_seconds")
    @Nullable Integer slideSeconds;

    @Column(name = "last_used_at")
    @Nullable Instant lastUsedAt;

    @Column(name = "refresh_id")
    @Nullable Long refreshId;

    @Column(name = "revoked_at")
    @Nullable Instant revokedAt;

    /** For Hibernate, which fills the fields. */
    TokenEntity() {}
}
