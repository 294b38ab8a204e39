package io.lockgate.range;

import io.lockgate.file.FileLookup;
import io.lockgate.file.FileRef;
import io.lockgate.file.Files;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Recipient;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The use cases of byte-range locks and opens on one file: finds the file, then calls {@link RangeLocks}, then confirms a path
 * that its first grant has made.
 *
 * <p>Permissions come first, so that a caller who may do nothing learns nothing and reserves nothing: every method
 * throws {@link NotPermittedException} before the registry is asked. A registry or table that does not answer fails the
 * {@code Uni}.
 */
public final class FileLocks {
    private final Files files;
    private final RangeLocks locks;
    private final BiConsumer<Long, Throwable> unconfirmed;

    /**
     * @param unconfirmed told of a file id whose path could not be confirmed, and why; the next acquire confirms it
     */
    public FileLocks(Files files, RangeLocks locks, BiConsumer<Long, Throwable> unconfirmed) {
        this.files = files;
        this.locks = locks;
        this.unconfirmed = unconfirmed;
    }

    /** The same, for one call that carries a key or none ({@link RangeLocks#once}). */
    public FileLocks once(Optional<IdempotencyKey> key) {
        return key.isEmpty() ? this : new FileLocks(files, locks.once(key), unconfirmed);
    }

    /**
     * Acquires a lock for the caller. In open mode an unknown path becomes known by its first grant.
     *
     * @param client whose lock is rolled back when it has left before the answer
     */
    public Uni<OnFile<Acquisition>> acquire(
            LockRights rights, FileRef ref, FileStream stream, LockSpec lock, Recipient client) {
        return acquire(
                rights,
                ref,
                stream,
                space -> locks.acquire(rights, space, lock, client),
                outcome -> outcome instanceof Acquisition.Granted,
                client);
    }

    /**
     * Acquires on a file by {@code call}, which gets the space. In open mode an unknown path becomes known when
     * somebody has a lock on it.
     *
     * @param showsLock whether the outcome means that there is a lock on the file
     * @param client who, once known to have left, gets no lock that would make the path known
     */
    public <T> Uni<OnFile<T>> acquire(
            LockRights rights,
            FileRef ref,
            FileStream stream,
            Function<LockSpace, Uni<T>> call,
            Predicate<T> showsLock,
            Recipient client) {
        locks.requireAcquire(rights);
        return files.forAcquire(ref)
                .chain(found ->
                        on(found, file -> confirming(file, call.apply(stream.in(file.id())), showsLock, client)));
    }

    /**
     * The conflict that would refuse {@code lock} now; acquires nothing. On a path that only an acquire would make
     * known there is none.
     */
    public Uni<OnFile<Optional<Conflict>>> test(LockRights rights, FileRef ref, FileStream stream, LockSpec lock) {
        locks.requireAcquire(rights);
        return files.forReading(ref)
                .chain(found -> found instanceof FileLookup.Unknown unknown && files.isMadeByAcquire(unknown)
                        ? Uni.createFrom().item(new OnFile.Done<>(Optional.empty()))
                        : on(found, file -> locks.test(rights, stream.in(file.id()), lock)));
    }

    /**
     * Several unlocks and locks of the caller's own, as {@link RangeLocks#batch}.
     *
     * @param client whose locks are rolled back when it has left before the answer
     */
    public Uni<OnFile<BatchOutcome>> batch(
            LockRights rights,
            FileRef ref,
            FileStream stream,
            List<UnlockSpec> unlocks,
            List<LockSpec> asked,
            Recipient client) {
        locks.requireAcquire(rights);
        return (asked.isEmpty() ? files.forRelease(ref) : files.forAcquire(ref))
                .chain(found -> on(
                        found,
                        file -> confirming(
                                file,
                                locks.batch(rights, stream.in(file.id()), unlocks, asked, client),
                                outcome -> outcome instanceof BatchOutcome.Done,
                                client)));
    }

    /** Releases a range, as {@link RangeLocks#release}. */
    public Uni<OnFile<Release>> release(
            LockRights rights, FileRef ref, FileStream stream, UnlockSpec unlock, boolean anyOwner, Recipient client) {
        locks.requireRelease(rights, anyOwner);
        return files.forRelease(ref)
                .chain(found ->
                        on(found, file -> locks.release(rights, stream.in(file.id()), unlock, anyOwner, client)));
    }

    /** Closes opens of a handle, as {@link RangeLocks#releaseOpens}. */
    public Uni<OnFile<Release>> releaseOpens(
            LockRights rights,
            FileRef ref,
            FileStream stream,
            String ownerId,
            Optional<GrantId> only,
            boolean anyOwner,
            Recipient client) {
        locks.requireRelease(rights, anyOwner);
        return files.forRelease(ref)
                .chain(found -> on(
                        found,
                        file -> locks.releaseOpens(rights, stream.in(file.id()), ownerId, only, anyOwner, client)));
    }

    /**
     * The id of a file whose locks the caller may list.
     *
     * @param mine whether only the caller's own locks are asked for
     */
    public Uni<OnFile<Long>> idForList(LockRights rights, FileRef ref, boolean mine) {
        locks.requireList(rights, mine);
        return files.forReading(ref)
                .chain(found -> on(found, file -> Uni.createFrom().item(file.id())));
    }

    private <T> Uni<T> confirming(FileLookup.Known file, Uni<T> call, Predicate<T> showsLock, Recipient client) {
        return call.call(outcome -> showsLock.test(outcome) ? confirmIfOwed(file, client) : nothing());
    }

    /**
     * The grant stands whether this succeeds or not, and its holder must hear of it: the next acquire repeats it. When
     * the client is known to have left, the grant will be rolled back and the path stays unlisted; when it leaves while
     * the registry answers, the grant is rolled back and the path stays listed, as after a release.
     */
    private Uni<Void> confirmIfOwed(FileLookup.Known file, Recipient client) {
        if (!file.confirmOwed() || client.isGone()) {
            return nothing();
        }
        return files.confirm(file.id())
                .onFailure()
                .invoke(failure -> unconfirmed.accept(file.id(), failure))
                .onFailure()
                .recoverWithNull();
    }

    private static <T> Uni<OnFile<T>> on(FileLookup found, Function<FileLookup.Known, Uni<T>> call) {
        return switch (found) {
            case FileLookup.Known file -> call.apply(file).map(OnFile.Done::new);
            case FileLookup.Unknown(FileRef ref) -> Uni.createFrom().item(new OnFile.NoSuchFile<>(ref));
            case FileLookup.NotAFile(FileRef ref) -> Uni.createFrom().item(new OnFile.NotAFile<>(ref));
        };
    }

    private static Uni<Void> nothing() {
        return Uni.createFrom().voidItem();
    }
}
