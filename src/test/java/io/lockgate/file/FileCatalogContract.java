package io.lockgate.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every registry of files promises. Stores are shared between tests, so each test makes paths of its own. */
public abstract class FileCatalogContract {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** As many callers at once as the project's race tests use. */
    private static final int RACERS = 64;

    private final FilePath home = FilePath.ROOT.child("contract-" + UUID.randomUUID());

    protected abstract FileCatalog catalog();

    @Test
    @DisplayName("An unregistered file is absent")
    protected void absentIsEmpty() {
        assertThat(await(catalog().findByPath(path("a")))).isEmpty();
        assertThat(await(catalog().findById(FileIds.draw()))).isEmpty();
        assertThat(await(catalog().confirmed(List.of(FileIds.draw(), -1L, 0L)))).isEmpty();
        assertThat(await(catalog().confirmed(List.of()))).isEmpty();
    }

    @Test
    @DisplayName("A reserved path has an id in the registry's range, is a file, and is not confirmed")
    protected void reserveGivesAnId() {
        FileRecord made = await(catalog().reserve(path("a")));

        assertThat(made).isEqualTo(new FileRecord(made.id(), path("a"), FileKind.FILE, false));
        assertThat(FileIds.isGivenByRegistry(made.id())).isTrue();
        assertThat(await(catalog().findByPath(path("a")))).contains(made);
        assertThat(await(catalog().findById(made.id()))).contains(made);
    }

    @Test
    @DisplayName("Reserving a path again finds the same entry, confirmed or not")
    protected void reserveFindsWhatIsThere() {
        FileRecord made = await(catalog().reserve(path("a")));
        FileRecord directory =
                await(catalog().register(path("d"), FileKind.DIRECTORY)).orElseThrow();

        assertThat(await(catalog().reserve(path("a")))).isEqualTo(made);
        await(catalog().confirm(made.id()));
        assertThat(await(catalog().reserve(path("a")))).isEqualTo(confirmed(made));
        assertThat(await(catalog().reserve(path("d")))).isEqualTo(directory);
    }

    @Test
    @DisplayName("Two paths never share an id")
    protected void pathsHaveDifferentIds() {
        Set<Long> ids = new HashSet<>();
        for (FileRecord made : race(i -> catalog().reserve(path("f" + i)))) {
            ids.add(made.id());
        }
        assertThat(ids).hasSize(RACERS);
    }

    @Test
    @DisplayName("Callers who reserve one new path at the same time all get the same id")
    protected void racersForOnePathGetOneId() {
        for (int round = 0; round < 10; round++) {
            FilePath contended = path("contended" + round);

            List<FileRecord> made = race(i -> catalog().reserve(contended));

            assertThat(Set.copyOf(made)).hasSize(1);
            assertThat(await(catalog().findByPath(contended))).contains(made.getFirst());
        }
    }

    @Test
    @DisplayName("Confirming makes an entry visible, can be repeated, and creates no entry")
    protected void confirmMakesVisible() {
        FileRecord made = await(catalog().reserve(path("a")));
        assertThat(await(catalog().confirmed(List.of(made.id())))).isEmpty();

        assertThat(await(catalog().confirm(made.id()))).contains(confirmed(made));
        assertThat(await(catalog().confirm(made.id()))).contains(confirmed(made));

        assertThat(await(catalog().findByPath(path("a")))).contains(confirmed(made));
        assertThat(await(catalog().findById(made.id()))).contains(confirmed(made));
        assertThat(await(catalog().confirmed(List.of(made.id())))).isEqualTo(Map.of(made.id(), confirmed(made)));
        assertThat(await(catalog().confirm(FileIds.draw()))).isEmpty();
    }

    @Test
    @DisplayName("A registered path is confirmed at once, and registered once")
    protected void registerOnce() {
        FileRecord file = await(catalog().register(path("f"), FileKind.FILE)).orElseThrow();
        FileRecord directory =
                await(catalog().register(path("d"), FileKind.DIRECTORY)).orElseThrow();

        assertThat(file).isEqualTo(new FileRecord(file.id(), path("f"), FileKind.FILE, true));
        assertThat(directory).isEqualTo(new FileRecord(directory.id(), path("d"), FileKind.DIRECTORY, true));
        assertThat(FileIds.isGivenByRegistry(file.id())).isTrue();
        assertThat(await(catalog().register(path("f"), FileKind.FILE))).isEmpty();
        assertThat(await(catalog().register(path("f"), FileKind.DIRECTORY))).isEmpty();
        assertThat(await(catalog().findByPath(path("f")))).contains(file);
        assertThat(await(catalog().findById(directory.id()))).contains(directory);
    }

    @Test
    @DisplayName("A reserved entry keeps its id when it is registered")
    protected void registerTakesReserved() {
        FileRecord reserved = await(catalog().reserve(path("a")));

        Optional<FileRecord> registered = await(catalog().register(path("a"), FileKind.DIRECTORY));

        assertThat(registered).contains(new FileRecord(reserved.id(), path("a"), FileKind.DIRECTORY, true));
        assertThat(await(catalog().findById(reserved.id()))).isEqualTo(registered);
    }

    @Test
    @DisplayName("Of many who register one path at the same time exactly one succeeds, beside others who reserve it")
    protected void racersForOneRegistration() {
        for (int round = 0; round < 10; round++) {
            FilePath contended = path("contended" + round);

            List<Optional<FileRecord>> ends = race(i -> i % 2 == 0
                    ? catalog().register(contended, FileKind.FILE)
                    : catalog().reserve(contended).map(Optional::of));

            FileRecord entry = await(catalog().findByPath(contended)).orElseThrow();
            assertThat(entry.confirmed()).isTrue();
            assertThat(IntStream.range(0, RACERS)
                            .filter(i -> i % 2 == 0)
                            .mapToObj(ends::get)
                            .filter(Optional::isPresent))
                    .containsExactly(Optional.of(entry));
            assertThat(ends.stream().flatMap(Optional::stream).map(FileRecord::id))
                    .containsOnly(entry.id());
        }
    }

    @Test
    @DisplayName("Many ids are looked up in one call, and a call beyond the limit is refused")
    protected void looksUpManyIds() {
        List<Optional<FileRecord>> files = race(i -> catalog().register(path("f" + i), FileKind.FILE));
        Set<Long> known = new HashSet<>();
        files.forEach(file -> known.add(file.orElseThrow().id()));
        List<Long> asked = LongStream.range(0, FileCatalog.MAX_IDS - RACERS)
                .map(i -> -1 - i)
                .boxed()
                .collect(Collectors.toList());
        asked.addAll(known);
        Collections.shuffle(asked, new Random(1));

        Map<Long, FileRecord> found = await(catalog().confirmed(asked));

        assertThat(found.keySet()).isEqualTo(known);
        assertThat(found).allSatisfy((id, file) -> assertThat(file.id()).isEqualTo(id));
        List<Long> tooMany =
                LongStream.rangeClosed(0, FileCatalog.MAX_IDS).boxed().toList();
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> await(catalog().confirmed(tooMany)));
    }

    @Test
    @DisplayName("Paths are compared byte by byte and stored whole, up to the longest")
    protected void keepsPathsExactly() {
        // Random, so that no compression makes it fit into an index page.
        String longest = new Random(2)
                .ints('!', '~')
                .filter(c -> c != '/')
                .limit(FilePath.MAX_BYTES - home.text().length() - 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        List<String> names = List.of(
                "a",
                "A",
                "a ",
                " a",
                "\u00e9",
                "e\u0301",
                "%",
                "_",
                "a%",
                "\\",
                "'",
                ":path",
                "?",
                "$1",
                "\t\n\u007f",
                "\ud83d\udd12",
                "\ufffd",
                longest,
                longest.substring(1));
        Set<Long> ids = new HashSet<>();
        for (String name : names) {
            FileRecord made = await(catalog().reserve(path(name)));
            assertThat(made.path()).isEqualTo(path(name));
            assertThat(await(catalog().findByPath(path(name)))).contains(made);
            assertThat(await(catalog().confirm(made.id())).map(FileRecord::path))
                    .contains(path(name));
            ids.add(made.id());
        }
        assertThat(ids).hasSameSizeAs(names);
    }

    @Test
    @DisplayName("A call does nothing before it is subscribed to, and can be subscribed to again")
    protected void isLazyAndRepeatable() {
        Uni<FileRecord> reserving = catalog().reserve(path("a"));
        assertThat(await(catalog().findByPath(path("a")))).isEmpty();

        FileRecord made = await(reserving);
        assertThat(await(reserving)).isEqualTo(made);
    }

    protected final FilePath path(String name) {
        return home.child(name);
    }

    protected static FileRecord confirmed(FileRecord entry) {
        return new FileRecord(entry.id(), entry.path(), entry.kind(), true);
    }

    protected static <T> T await(Uni<T> call) {
        return call.await().atMost(PATIENCE);
    }

    private static <T> List<T> race(IntFunction<Uni<T>> racer) {
        List<Uni<T>> racers = IntStream.range(0, RACERS).mapToObj(racer).toList();
        return await(Uni.join().all(racers).andFailFast());
    }
}
