package io.lockgate.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.file.FileLookup.Known;
import io.lockgate.file.FileLookup.NotAFile;
import io.lockgate.file.FileLookup.Unknown;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilesTest {
    private final InMemoryFileCatalog catalog = new InMemoryFileCatalog();
    private final Files open = new Files(catalog, CatalogMode.OPEN);
    private final Files strict = new Files(catalog, CatalogMode.STRICT);

    @ParameterizedTest
    @DisplayName("Open mode: a client's own id is a file, without a call of the catalog and while it is down")
    @ValueSource(strings = {"0", "7", "4611686018427387903", "9223372036854775808", "18446744073709551615"})
    void openTakesClientsOwnIds(String id) {
        catalog.setDown(true);
        FileRef ref = FileRef.parse(id);
        Known known = new Known(Long.parseUnsignedLong(id), false);

        assertThat(await(open.forReading(ref))).isEqualTo(known);
        assertThat(await(open.forAcquire(ref))).isEqualTo(known);
        assertThat(await(open.forRelease(ref))).isEqualTo(known);
        assertThat(await(open.attributes(ref)))
                .isEqualTo(new Attributes.Found(known.id(), Optional.empty(), FileKind.FILE));
        assertThat(await(open.resolve(List.of(known.id())))).isEmpty();
        assertThat(catalog.calls()).isZero();
    }

    @ParameterizedTest
    @DisplayName("Open mode: ids in the registry's range are refused unless the registry assigned them")
    @ValueSource(strings = {"4611686018427387905", "6917529027641081856", "9223372036854775807"})
    void openRefusesUnregisteredIdsOfTheRegistry(String id) {
        FileRef ref = FileRef.parse(id);

        assertThat(await(open.forReading(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(open.forAcquire(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(open.forRelease(ref))).isEqualTo(new Unknown(ref));
        assertThat(open.isMadeByAcquire(new Unknown(ref))).isFalse();
    }

    @ParameterizedTest
    @DisplayName("Strict mode: an unregistered file does not exist, and a look-up creates nothing")
    @ValueSource(strings = {"7", "6917529027641081856", "18446744073709551615", "/a", "/a/b"})
    void strictKnowsOnlyTheRegistered(String text) {
        FileRef ref = FileRef.parse(text);

        assertThat(await(strict.forReading(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(strict.forAcquire(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(strict.forReading(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(strict.forRelease(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(strict.attributes(ref))).isEqualTo(new Attributes.Unknown(ref));
        assertThat(strict.isMadeByAcquire(new Unknown(ref))).isFalse();
    }

    @ParameterizedTest
    @DisplayName("Both modes: a registered file is known by path and by id, and needs no confirmation")
    @EnumSource
    void registeredIsKnown(CatalogMode mode) {
        Files files = new Files(catalog, mode);
        FileRecord file = registered(files, "/", "a", FileKind.FILE);
        Known known = new Known(file.id(), false);

        for (FileRef ref : List.of(new FileRef.ByPath(file.path()), new FileRef.ById(file.id()))) {
            assertThat(await(files.forReading(ref))).isEqualTo(known);
            assertThat(await(files.forAcquire(ref))).isEqualTo(known);
            assertThat(await(files.forRelease(ref))).isEqualTo(known);
            assertThat(await(files.attributes(ref)))
                    .isEqualTo(new Attributes.Found(file.id(), Optional.of(file.path()), FileKind.FILE));
        }
    }

    @Test
    @DisplayName("Open mode: a new path is invisible until its first acquire, and has one id for all callers")
    void openReservesAtAcquire() {
        FileRef ref = FileRef.parse("/a");
        assertThat(await(open.forReading(ref))).isEqualTo(new Unknown(ref));
        assertThat(open.isMadeByAcquire(new Unknown(ref))).isTrue();

        Known first = known(open.forAcquire(ref));
        Known second = known(open.forAcquire(ref));

        assertThat(first.confirmOwed()).isTrue();
        assertThat(second).isEqualTo(first);
        assertThat(await(open.forReading(ref))).isEqualTo(new Unknown(ref));
        FileRef byId = new FileRef.ById(first.id());
        assertThat(await(open.forReading(byId))).isEqualTo(new Unknown(byId));
        assertThat(await(open.forAcquire(byId))).isEqualTo(new Unknown(byId));
        assertThat(await(open.attributes(ref))).isEqualTo(new Attributes.Unknown(ref));
        assertThat(await(open.resolve(List.of(first.id())))).isEmpty();

        await(open.confirm(first.id()));

        Known confirmed = new Known(first.id(), false);
        assertThat(await(open.forReading(ref))).isEqualTo(confirmed);
        assertThat(await(open.forReading(byId))).isEqualTo(confirmed);
        assertThat(await(open.forAcquire(ref))).isEqualTo(confirmed);
        assertThat(await(open.forAcquire(byId))).isEqualTo(confirmed);
    }

    @Test
    @DisplayName("After a failed confirmation the grant can be released by path, and the next acquire confirms again")
    void failedConfirmationIsRepeated() {
        FileRef ref = FileRef.parse("/a");
        Known granted = known(open.forAcquire(ref));
        catalog.setDown(true);
        assertThatExceptionOfType(CatalogUnavailableException.class)
                .isThrownBy(() -> await(open.confirm(granted.id())));
        catalog.setDown(false);

        assertThat(await(open.forReading(ref))).isEqualTo(new Unknown(ref));
        assertThat(await(open.forRelease(ref))).isEqualTo(new Known(granted.id(), false));
        assertThat(await(open.forRelease(new FileRef.ById(granted.id())))).isEqualTo(new Known(granted.id(), false));
        assertThat(await(open.forAcquire(ref))).isEqualTo(granted);
    }

    @ParameterizedTest
    @DisplayName("Both modes: a directory cannot be locked, nor can the root")
    @EnumSource
    void directoriesAreNoFiles(CatalogMode mode) {
        Files files = new Files(catalog, mode);
        FileRecord directory = registered(files, "/", "d", FileKind.DIRECTORY);

        for (FileRef ref : List.of(
                new FileRef.ByPath(directory.path()),
                new FileRef.ById(directory.id()),
                FileRef.parse("/"),
                new FileRef.ById(FileIds.ROOT))) {
            assertThat(await(files.forReading(ref))).isEqualTo(new NotAFile(ref));
            assertThat(await(files.forAcquire(ref))).isEqualTo(new NotAFile(ref));
            assertThat(await(files.forRelease(ref))).isEqualTo(new NotAFile(ref));
        }
    }

    @ParameterizedTest
    @DisplayName("The root is known without the catalog")
    @EnumSource
    void rootIsKnownAlways(CatalogMode mode) {
        catalog.setDown(true);
        Files files = new Files(catalog, mode);
        Attributes root = new Attributes.Found(FileIds.ROOT, Optional.of(FilePath.ROOT), FileKind.DIRECTORY);

        assertThat(await(files.attributes(FileRef.parse("/")))).isEqualTo(root);
        assertThat(await(files.attributes(new FileRef.ById(FileIds.ROOT)))).isEqualTo(root);
        assertThat(await(files.resolve(List.of(FileIds.ROOT)))).isEqualTo(Map.of(FileIds.ROOT, FilePath.ROOT));
        assertThat(catalog.calls()).isZero();
    }

    @ParameterizedTest
    @DisplayName("Both modes: a directory, by path or by id, accepts entries, and a path is registered once")
    @EnumSource
    void registersInDirectories(CatalogMode mode) {
        Files files = new Files(catalog, mode);
        FileRecord directory = registered(files, "/", "d", FileKind.DIRECTORY);

        FileRecord byPath = registered(files, "/d", "a", FileKind.FILE);
        FileRecord byId = registered(files, Long.toUnsignedString(directory.id()), "b", FileKind.FILE);
        FileRecord byRootId = registered(files, Long.toUnsignedString(FileIds.ROOT), "c", FileKind.FILE);

        assertThat(byPath.path()).isEqualTo(new FilePath("/d/a"));
        assertThat(byId.path()).isEqualTo(new FilePath("/d/b"));
        assertThat(byRootId.path()).isEqualTo(new FilePath("/c"));
        assertThat(await(files.register(FileRef.parse("/d"), "a", FileKind.DIRECTORY)))
                .isEqualTo(new Registration.AlreadyThere(new FilePath("/d/a")));
    }

    @Test
    @DisplayName("A parent must be registered in strict mode only, and is never a file")
    void checksParents() {
        FileRecord file = registered(open, "/", "f", FileKind.FILE);
        FileRef unknown = FileRef.parse("/no/such");
        FileRef reserved = FileRef.parse("/reserved");
        Known reservation = known(open.forAcquire(reserved));

        assertThat(registered(open, "/no/such", "a", FileKind.FILE).path()).isEqualTo(new FilePath("/no/such/a"));
        assertThat(registered(open, "/reserved", "a", FileKind.FILE).path()).isEqualTo(new FilePath("/reserved/a"));
        assertThat(await(strict.register(unknown, "b", FileKind.FILE)))
                .isEqualTo(new Registration.NoSuchParent(unknown));
        assertThat(await(strict.register(reserved, "b", FileKind.FILE)))
                .isEqualTo(new Registration.NoSuchParent(reserved));
        for (Files files : List.of(open, strict)) {
            for (FileRef parent : List.of(FileRef.parse("/f"), new FileRef.ById(file.id()))) {
                assertThat(await(files.register(parent, "a", FileKind.FILE)))
                        .isEqualTo(new Registration.NotADirectory(parent));
            }
            for (FileRef parent : List.of(new FileRef.ById(7), new FileRef.ById(reservation.id()))) {
                assertThat(await(files.register(parent, "a", FileKind.FILE)))
                        .isEqualTo(new Registration.NoSuchParent(parent));
            }
        }
    }

    @ParameterizedTest
    @DisplayName("A name that is no segment is refused with the reason")
    @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\0b"})
    void refusesBadNames(String name) {
        assertThat(await(open.register(FileRef.parse("/"), name, FileKind.FILE)))
                .isInstanceOfSatisfying(
                        Registration.BadName.class,
                        bad -> assertThat(bad.reason()).isNotBlank());
    }

    @Test
    @DisplayName("Ids are resolved to paths, and ids without a path are left out")
    void resolvesIds() {
        FileRecord file = registered(open, "/", "a", FileKind.FILE);
        List<Long> asked = List.of(file.id(), FileIds.ROOT, 7L, file.id(), -1L, file.id() ^ 1);
        Map<Long, FilePath> paths = Map.of(file.id(), file.path(), FileIds.ROOT, FilePath.ROOT);

        assertThat(await(open.resolve(asked))).isEqualTo(paths);
        assertThat(await(strict.resolve(asked))).isEqualTo(paths);
    }

    @ParameterizedTest
    @DisplayName("An unreachable catalog is an exception, never an unknown file")
    @EnumSource
    void unreachableIsNotUnknown(CatalogMode mode) {
        Files files = new Files(catalog, mode);
        catalog.setDown(true);
        FileRef path = FileRef.parse("/a");
        FileRef id = new FileRef.ById(FileIds.draw());

        for (Uni<?> call : List.of(
                files.forReading(path),
                files.forAcquire(path),
                files.forRelease(path),
                files.attributes(path),
                files.forReading(id),
                files.forAcquire(id),
                files.register(path, "b", FileKind.FILE),
                files.register(FileRef.parse("/"), "b", FileKind.FILE),
                files.resolve(List.of(FileIds.draw())),
                files.confirm(FileIds.draw()))) {
            assertThatExceptionOfType(CatalogUnavailableException.class).isThrownBy(() -> await(call));
        }
    }

    private static FileRecord registered(Files files, String directory, String name, FileKind kind) {
        Registration end = await(files.register(FileRef.parse(directory), name, kind));
        assertThat(end).isInstanceOf(Registration.Registered.class);
        return ((Registration.Registered) end).file();
    }

    private static Known known(Uni<FileLookup> lookup) {
        FileLookup found = await(lookup);
        assertThat(found).isInstanceOf(Known.class);
        return (Known) found;
    }

    private static <T> T await(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(5));
    }
}
