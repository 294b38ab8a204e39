package io.lockgate.http;

import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** All dialects, by the path of a request. */
@Singleton
final class Dialects {
    private final List<Dialect> all;

    Dialects(@All List<Dialect> all) {
        this.all = List.copyOf(all);
    }

    List<Dialect> all() {
        return all;
    }

    /** The dialect that owns {@code path}. */
    Optional<Dialect> owner(String path) {
        for (Dialect dialect : all) {
            if (dialect.owns(path)) {
                return Optional.of(dialect);
            }
        }
        return Optional.empty();
    }

    /** The dialect that owns {@code path}, or the one for paths that no API owns. */
    Dialect of(String path) {
        return owner(path).orElse(NoDialect.INSTANCE);
    }
}
