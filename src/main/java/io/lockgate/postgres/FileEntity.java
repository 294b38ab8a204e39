package io.lockgate.postgres;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import org.hibernate.annotations.Generated;
import org.jspecify.annotations.Nullable;

/** A row of the file registry. Hibernate compares it with the migrated table at every start. */
@Entity
@Table(name = "files")
class FileEntity {

    /** Unsigned 64 bits, more than a {@code long} holds. */
    @Id
    @Column(precision = 20)
    BigDecimal id;

    @Nullable @Column(columnDefinition = "text")
    String path;

    @Column(nullable = false, columnDefinition = "text")
    String kind;

    @Column(nullable = false)
    boolean confirmed;

    /** Set by Postgres: gateways' clocks differ. */
    @Generated
    @Column(name = "created_at", nullable = false, insertable = false, updatable = false)
    OffsetDateTime createdAt;
}
