package io.lockgate.app.settings;

import io.lockgate.file.CatalogMode;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the file registry. */
@ConfigMapping(prefix = "lockgate.files")
public interface FileSettings {
    int MAX_CACHE_SIZE = 10_000_000;

    /**
     * Which files need to be registered. {@code open}: decimal ids need no registration, and a path gets an id at its first
     * successful acquire; {@code strict}: what is not registered is 404.
     */
    @WithDefault("open")
    CatalogMode catalog();

    /**
     * Registered files remembered by each gateway, in entries (0 to 10,000,000). A remembered file costs no call of Postgres,
     * and its locks go on working while Postgres is down. An entry takes about 250 bytes and its path.
     */
    @WithDefault("10000")
    int cacheSize();
}
