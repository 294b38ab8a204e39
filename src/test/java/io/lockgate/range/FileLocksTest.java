package io.lockgate.range;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lockgate.file.CatalogMode;
import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.FileRecord;
import io.lockgate.file.FileRef;
import io.lockgate.file.Files;
import io.lockgate.file.InMemoryFileCatalog;
import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Recipient;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Finds the file, locks, and confirms a new path. */
class FileLocksTest {
    private static final LockRights OWN = new LockRights("p", true, false, false);
    private static final LockRights NONE = new LockRights("p", false, false, false);
    private static final FilePath PATH = new FilePath("/data/a");
    private static final FileRef REF = new FileRef.ByPath(PATH);
    private static final FileStream STREAM = new FileStream(LockSpace.HEAD, LockSpace.DEFAULT_STREAM);

    private final LockClient a = LockClient.nlm(LockSpace.head(1), "A");
    private final LockClient b = LockClient.nlm(LockSpace.head(1), "B");
    private final InMemoryFileCatalog catalog = new InMemoryFileCatalog();
    private final InMemoryRangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, 1_000);
    private final List<Long> unconfirmed = new ArrayList<>();
    private final FileLocks locks = locks(CatalogMode.OPEN);
    private final Client client = new Client();

    /** A client that may have left. */
    private static final class Client implements Recipient {
        private boolean gone;
        private Optional<Supplier<Uni<Boolean>>> rollback = Optional.empty();
        private Runnable onGrant = () -> {};

        @Override
        public boolean isGone() {
            return gone;
        }

        @Override
        public Uni<Caller> caller() {
            throw new IllegalStateException("a call that does not wait needs no second look");
        }

        @Override
        public void ifGone(String what, Supplier<Uni<Boolean>> action) {
            rollback = Optional.of(action);
            onGrant.run();
        }
    }

    @Test
    @DisplayName("The first grant makes a path known")
    void firstGrant() {
        assertThat(acquired(a)).isInstanceOf(Acquisition.Granted.class);
        assertThat(entry().confirmed()).isTrue();
        assertThat(acquired(b)).isInstanceOf(Acquisition.Refused.class);
    }

    @Test
    @DisplayName(
            "A grant whose path cannot be confirmed stands; the failure is told, and the next acquire confirms the path")
    void unconfirmed() {
        client.onGrant = () -> catalog.setDown(true);
        assertThat(acquired(a)).isInstanceOf(Acquisition.Granted.class);
        catalog.setDown(false);
        client.onGrant = () -> {};
        assertThat(unconfirmed).containsExactly(entry().id());
        assertThat(entry().confirmed()).isFalse();
        assertThat(acquired(a)).isInstanceOf(Acquisition.Granted.class);
        assertThat(entry().confirmed()).isTrue();
    }

    @Test
    @DisplayName("A client that has left gets its lock rolled back, and its path stays unknown")
    void gone() {
        client.gone = true;
        assertThat(acquired(a)).isInstanceOf(Acquisition.Granted.class);
        assertThat(entry().confirmed()).isFalse();
        assertThat(LockClient.get(client.rollback.orElseThrow().get())).isTrue();
        client.gone = false;
        assertThat(acquired(b)).isInstanceOf(Acquisition.Granted.class);
    }

    @Test
    @DisplayName("Without the permission nothing is asked and nothing is reserved")
    void permissionFirst() {
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.acquire(NONE, REF, STREAM, a.lock(X, 0, 10), client));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.test(NONE, REF, STREAM, a.lock(X, 0, 10)));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.batch(NONE, REF, STREAM, List.of(), List.of(a.lock(X, 0, 10)), client));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.release(NONE, REF, STREAM, a.unlock(0, 10), false, client));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.releaseOpens(NONE, REF, STREAM, "A", Optional.empty(), false, client));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> locks.releaseOpens(OWN, REF, STREAM, "A", Optional.empty(), true, client));
        assertThatExceptionOfType(NotPermittedException.class).isThrownBy(() -> locks.idForList(NONE, REF, false));
        assertThat(catalog.calls()).isZero();
    }

    @Test
    @DisplayName("A test on a path that only an acquire would make known meets no lock and makes nothing known")
    void testOfUnknownPath() {
        assertThat(LockClient.get(locks.test(OWN, REF, STREAM, a.lock(X, 0, 10))))
                .isEqualTo(new OnFile.Done<>(Optional.empty()));
        assertThat(LockClient.get(catalog.findByPath(PATH))).isEmpty();
    }

    @Test
    @DisplayName("A file that is not registered, and a directory, are outcomes")
    void noFile() {
        FileLocks strict = locks(CatalogMode.STRICT);
        assertThat(LockClient.get(strict.acquire(OWN, REF, STREAM, a.lock(X, 0, 10), client)))
                .isEqualTo(new OnFile.NoSuchFile<>(REF));
        assertThat(LockClient.get(strict.release(OWN, REF, STREAM, a.unlock(0, 10), false, client)))
                .isEqualTo(new OnFile.NoSuchFile<>(REF));
        assertThat(LockClient.get(strict.releaseOpens(OWN, REF, STREAM, "A", Optional.empty(), false, client)))
                .isEqualTo(new OnFile.NoSuchFile<>(REF));
        LockClient.get(catalog.register(PATH, FileKind.DIRECTORY));
        assertThat(LockClient.get(locks.acquire(OWN, REF, STREAM, a.lock(X, 0, 10), client)))
                .isEqualTo(new OnFile.NotAFile<>(REF));
        assertThat(LockClient.get(locks.idForList(OWN, REF, true))).isEqualTo(new OnFile.NotAFile<>(REF));
    }

    @Test
    @DisplayName("A release of opens finds a path that could not be confirmed, and ends the caller's own opens alone")
    void releaseOpens() {
        client.onGrant = () -> catalog.setDown(true);
        LockSpec open = new LockSpec(
                Protocol.SMB,
                LockModes.of(LockMode.READ),
                ByteRange.ALL,
                a.owner(),
                "192.0.2.1",
                "node-1",
                LockLifetime.UNTIL_RELEASED);
        assertThat(LockClient.get(locks.acquire(OWN, REF, STREAM, open, client)))
                .isInstanceOfSatisfying(
                        OnFile.Done.class, done -> assertThat(done.outcome()).isInstanceOf(Acquisition.Granted.class));
        catalog.setDown(false);
        LockRights other = new LockRights("q", true, false, false);

        assertThat(LockClient.get(locks.releaseOpens(other, REF, STREAM, "A", Optional.empty(), false, client)))
                .isEqualTo(new OnFile.Done<>(new Release.NoSuchLock()));
        assertThat(LockClient.get(locks.releaseOpens(OWN, REF, STREAM, "A", Optional.empty(), false, client)))
                .isEqualTo(new OnFile.Done<>(new Release.Released(1)));
    }

    @Test
    @DisplayName("The unlocks of a batch touch the caller's own locks alone, even when they name no account")
    void batchUnlocksOwn() {
        acquired(a);
        long id = entry().id();
        LockRights other = new LockRights("q", true, false, false);
        UnlockSpec anybodys = new UnlockSpec(Protocol.NLM, a.range(0, 10), OwnerSelector.anybody("A"));
        LockClient.get(locks.batch(other, REF, STREAM, List.of(anybodys), List.of(), client));
        assertThat(LockClient.get(table.test(STREAM.in(id), b.lock(X, 0, 10)))).isPresent();
        LockClient.get(locks.batch(OWN, REF, STREAM, List.of(anybodys), List.of(), client));
        assertThat(LockClient.get(table.test(STREAM.in(id), b.lock(X, 0, 10)))).isEmpty();
    }

    private FileLocks locks(CatalogMode mode) {
        return new FileLocks(
                new Files(catalog, mode),
                new RangeLocks(table, entry -> Uni.createFrom().voidItem()),
                (id, failure) -> unconfirmed.add(id));
    }

    private Acquisition acquired(LockClient who) {
        OnFile<Acquisition> outcome = LockClient.get(locks.acquire(OWN, REF, STREAM, who.lock(X, 0, 10), client));
        return ((OnFile.Done<Acquisition>) outcome).outcome();
    }

    private FileRecord entry() {
        return LockClient.get(catalog.findByPath(PATH)).orElseThrow();
    }
}
