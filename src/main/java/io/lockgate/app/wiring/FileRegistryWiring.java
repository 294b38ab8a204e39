package io.lockgate.app.wiring;

import io.lockgate.app.settings.FileSettings;
import io.lockgate.file.FileCatalog;
import io.lockgate.file.Files;
import io.lockgate.postgres.CachedFileCatalog;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresFileCatalog;
import io.lockgate.postgres.PostgresLimits;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the file registry to Postgres. */
@Singleton
final class FileRegistryWiring {
    @Produces
    @Singleton
    FileCatalog catalog(FileSettings settings, PostgresLimits limits, PostgresBulkheads bulkheads, Vertx vertx) {
        return new CachedFileCatalog(new PostgresFileCatalog(vertx, limits, bulkheads), settings.cacheSize());
    }

    @Produces
    @Singleton
    Files files(FileSettings settings, FileCatalog catalog) {
        return new Files(catalog, settings.catalog());
    }
}
