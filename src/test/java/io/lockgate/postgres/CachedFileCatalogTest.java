package io.lockgate.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.file.FileCatalog;
import io.lockgate.file.FileCatalogContract;
import io.lockgate.file.FileIds;
import io.lockgate.file.FileKind;
import io.lockgate.file.FileRecord;
import io.lockgate.file.InMemoryFileCatalog;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CachedFileCatalogTest extends FileCatalogContract {
    private final InMemoryFileCatalog store = new InMemoryFileCatalog();
    private final FileCatalog catalog = new CachedFileCatalog(store, 1_000);

    @Override
    protected FileCatalog catalog() {
        return catalog;
    }

    @ParameterizedTest
    @DisplayName("A confirmed entry is cached from any call that returned it, and then needs no store")
    @ValueSource(strings = {"register", "confirm", "findByPath", "findById", "reserve", "confirmed"})
    void confirmedIsRemembered(String meeting) {
        // Another replica's, so that this cache has not met it.
        FileRecord entry = await(store.reserve(path("a")));
        if (!meeting.equals("confirm") && !meeting.equals("register")) {
            entry = await(store.confirm(entry.id())).orElseThrow();
        }
        switch (meeting) {
            case "register" -> await(catalog.register(path("a"), FileKind.FILE));
            case "confirm" -> await(catalog.confirm(entry.id()));
            case "findByPath" -> await(catalog.findByPath(path("a")));
            case "findById" -> await(catalog.findById(entry.id()));
            case "reserve" -> await(catalog.reserve(path("a")));
            default -> await(catalog.confirmed(List.of(entry.id())));
        }
        store.setDown(true);
        int calls = store.calls();

        FileRecord known = confirmed(entry);
        assertThat(await(catalog.findByPath(path("a")))).contains(known);
        assertThat(await(catalog.findById(entry.id()))).contains(known);
        assertThat(await(catalog.reserve(path("a")))).isEqualTo(known);
        assertThat(await(catalog.confirm(entry.id()))).contains(known);
        assertThat(await(catalog.register(path("a"), FileKind.FILE))).isEmpty();
        assertThat(await(catalog.confirmed(List.of(entry.id())))).containsEntry(entry.id(), known);
        assertThat(store.calls()).isEqualTo(calls);
    }

    @Test
    @DisplayName("Absent and reserved entries are never cached")
    void unconfirmedIsAskedAgain() {
        assertThat(await(catalog.findByPath(path("a")))).isEmpty();
        FileRecord reserved = await(catalog.reserve(path("a")));
        assertThat(await(catalog.findByPath(path("a")))).contains(reserved);
        assertThat(await(catalog.findById(reserved.id()))).contains(reserved);

        await(store.confirm(reserved.id()));

        assertThat(await(catalog.findByPath(path("a")))).contains(confirmed(reserved));
        assertThat(await(catalog.findById(reserved.id()))).contains(confirmed(reserved));
    }

    @Test
    @DisplayName("An entry that is not cached needs the store, and an outage is not an absence")
    void unknownNeedsTheStore() {
        store.setDown(true);

        assertThatExceptionOfType(CatalogUnavailableException.class)
                .isThrownBy(() -> await(catalog.findByPath(path("a"))));
        assertThatExceptionOfType(CatalogUnavailableException.class)
                .isThrownBy(() -> await(catalog.confirmed(List.of(FileIds.draw()))));
    }

    @ParameterizedTest
    @DisplayName("The cache keeps no more entries than its size")
    @ValueSource(ints = {0, 1, 100})
    void isBounded(int entries) {
        FileCatalog small = new CachedFileCatalog(store, entries);
        int met = 10 * Math.max(1, entries);
        for (int i = 0; i < met; i++) {
            await(small.register(path("f" + i), FileKind.FILE));
        }
        int before = store.calls();
        for (int i = 0; i < met; i++) {
            await(small.findByPath(path("f" + i)));
        }
        assertThat(store.calls() - before).isGreaterThanOrEqualTo(met - entries);
    }
}
