package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** A row of {@code courses}: checked against the table at start; read and made by {@link PostgresCourseLockTable}. */
@Entity
@Immutable
@Table(name = "courses")
class CourseEntity extends PanacheEntityBase {
    @Id
    @Column(name = "course_id", columnDefinition = "text")
    String courseId;

    @Column(name = "internal_id", nullable = false)
    long internalId;

    /** For Hibernate, which fills the fields. */
    CourseEntity() {}
}
