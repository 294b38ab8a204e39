package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/** A row of {@code users}: checked against the table at start; read and changed by {@link PostgresUserStore}. */
@Entity
@Immutable
@Table(name = "users")
class UserEntity extends PanacheEntityBase {
    @Id
    Long id;

    @Column(nullable = false, columnDefinition = "text")
    String username;

    @Column(columnDefinition = "text")
    @Nullable String email;

    @Column(name = "password_hash", nullable = false, columnDefinition = "text")
    String passwordHash;

    @Column(name = "created_at", nullable = false)
    Instant createdAt;

    /** For Hibernate, which fills the fields. */
    UserEntity() {}
}
