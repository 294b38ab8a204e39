package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/**
 * A row of {@code course_locks}: checked against the table at start; read and changed by {@link
 * PostgresCourseLockTable}.
 */
@Entity
@Immutable
@Table(name = "course_locks")
class CourseLockEntity extends PanacheEntityBase {
    @Id
    Long id;

    @Column(nullable = false, columnDefinition = "text")
    String type;

    @Column(name = "course_id", nullable = false, columnDefinition = "text")
    String courseId;

    @Column(name = "gadget_id", nullable = false, columnDefinition = "text")
    String gadgetId;

    @Column(nullable = false)
    long owner;

    @Column(name = "expires_at", nullable = false)
    Instant expiresAt;

    /** For Hibernate, which fills the fields. */
    CourseLockEntity() {}
}
