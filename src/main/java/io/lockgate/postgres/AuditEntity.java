package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** A row of {@code audit}: checked against the table at start; written and read by {@link PostgresAudit}. */
@Entity
@Immutable
@Table(name = "audit")
class AuditEntity extends PanacheEntityBase {
    @Id
    Long id;

    @Column(nullable = false)
    Instant at;

    @Column(nullable = false, columnDefinition = "text")
    String actor;

    @Column(nullable = false, columnDefinition = "text")
    String what;

    @Column(nullable = false, columnDefinition = "text")
    String object;

    @Column(nullable = false, columnDefinition = "text")
    String whose;

    @Column(nullable = false, columnDefinition = "text")
    String reason;

    @Column(nullable = false, columnDefinition = "text")
    String outcome;

    /** For Hibernate, which fills the fields. */
    AuditEntity() {}
}
