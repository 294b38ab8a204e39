package io.lockgate.app.settings;

import io.lockgate.file.CatalogMode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Files, and limits of the files API. */
@ConfigMapping(prefix = "lockgate.files")
@RegisterForReflection
public interface FileSettings {
    /**
     * Which files need to be registered. {@code open}: decimal ids below 2^62 or from 2^63 need no registration
     * (those between are given to paths), and a path gets an id at its first successful acquire. {@code strict}:
     * unregistered files are 404.
     */
    @WithDefault("open")
    CatalogMode catalog();

    /**
     * Registered files remembered by each gateway, in entries. A remembered file costs no call of Postgres, and its
     * locks go on working while Postgres is down. An entry takes about 250 bytes and its path.
     */
    @WithDefault("10000")
    @Within(min = 0, max = 10_000_000)
    int cacheSize();
}
