package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/**
 * A row of {@code route_locks}: checked against the table at start; read and changed by {@link PostgresRouteLockTable}.
 */
@Entity
@Immutable
@Table(name = "route_locks")
@IdClass(RouteLockEntity.Key.class)
class RouteLockEntity extends PanacheEntityBase {
    @Id
    @Column(columnDefinition = "text")
    String route;

    @Id
    @Column(columnDefinition = "text")
    String id;

    @Column(nullable = false)
    long holder;

    @Column(nullable = false)
    Instant since;

    /** For Hibernate, which fills the fields. */
    RouteLockEntity() {}

    record Key(String route, String id) implements Serializable {}
}
