package io.lockgate.app.wiring;

import io.lockgate.app.settings.FileSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.file.FileCatalog;
import io.lockgate.file.Files;
import io.lockgate.postgres.CachedFileCatalog;
import io.lockgate.postgres.PostgresBulkheads;
import io.lockgate.postgres.PostgresFileCatalog;
import io.lockgate.postgres.PostgresLimits;
import io.quarkus.runtime.Startup;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Wires the file registry to Postgres. */
@Singleton
final class FileRegistryWiring {
    @Produces
    @Singleton
    FileCatalog catalog(FileSettings settings, PostgresLimits limits, PostgresBulkheads bulkheads, Vertx vertx) {
        int entries =
                SettingBounds.within("lockgate.files.cache-size", settings.cacheSize(), 0, FileSettings.MAX_CACHE_SIZE);
        return new CachedFileCatalog(new PostgresFileCatalog(vertx, limits, bulkheads), entries);
    }

    /** Made at start, so that a setting out of bounds is found then and not by the first request. */
    @Produces
    @Singleton
    @Startup
    Files files(FileSettings settings, FileCatalog catalog) {
        return new Files(catalog, settings.catalog());
    }
}
