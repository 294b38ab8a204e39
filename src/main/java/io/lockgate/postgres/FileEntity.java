package io.lockgate.postgres;

import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRecord;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.math.BigInteger;
import java.util.Locale;
import org.hibernate.annotations.Immutable;

/** A row of {@code files}. Only read as an entity: every change is one statement of {@link PostgresFileCatalog}. */
@Entity
@Immutable
@Table(name = "files")
class FileEntity extends PanacheEntityBase {
    /** Unsigned 64-bit, which no integer type of Postgres holds. */
    @Id
    @Column(precision = 20)
    BigInteger id;

    @Column(nullable = false, columnDefinition = "text")
    String path;

    /** {@link FileKind} in lower case. */
    @Column(nullable = false, columnDefinition = "text")
    String kind;

    @Column(nullable = false)
    boolean confirmed;

    /** For Hibernate, which fills the fields. */
    FileEntity() {}

    FileRecord toRecord() {
        return new FileRecord(
                Unsigned.toLong(id), new FilePath(path), FileKind.valueOf(kind.toUpperCase(Locale.ROOT)), confirmed);
    }

    static String column(FileKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
