package io.lockgate.postgres;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import org.hibernate.annotations.Immutable;

/** A row of {@code gadgets}: checked against the table at start; read and made by {@link PostgresCourseLockTable}. */
@Entity
@Immutable
@Table(name = "gadgets")
@IdClass(GadgetEntity.Key.class)
class GadgetEntity extends PanacheEntityBase {
    @Id
    @Column(name = "course_id", columnDefinition = "text")
    String courseId;

    @Id
    @Column(name = "gadget_id", columnDefinition = "text")
    String gadgetId;

    /** For Hibernate, which fills the fields. */
    GadgetEntity() {}

    record Key(String courseId, String gadgetId) implements Serializable {}
}
