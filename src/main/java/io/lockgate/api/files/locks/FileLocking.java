package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.file.FileLookup;
import io.lockgate.file.FileRef;
import io.lockgate.file.Files;
import io.lockgate.http.Recipient;
import io.lockgate.range.Acquisition;
import io.lockgate.range.BatchOutcome;
import io.lockgate.range.Conflict;
import io.lockgate.range.CountBy;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.Release;
import io.lockgate.range.RequestId;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Brings two domains together that do not know each other: {@code file} turns a reference into a file id, then the use
 * case of {@code range} runs on it. Permissions come first, so that a caller who may do nothing learns nothing and
 * reserves nothing.
 */
@Singleton
final class FileLocking {
    private static final Logger LOG = Logger.getLogger(FileLocking.class);

    private final Files files;
    private final RangeLocks locks;

    FileLocking(Files files, RangeLocks locks) {
        this.files = files;
        this.locks = locks;
    }

    /**
     * @param client whose lock is rolled back when it has left before the answer
     */
    Uni<Acquisition> acquire(LockRights rights, FileRef ref, PendingLock order, Recipient client) {
        locks.requireAcquire(rights);
        return files.forAcquire(ref).map(FileLocking::known).chain(file -> {
            Uni<Acquisition> acquired = locks.acquire(rights, order.on(file.id()))
                    .invoke(outcome -> {
                        if (outcome instanceof Acquisition.Granted granted) {
                            client.ifGone(() -> rollBack(granted.request()));
                        }
                    });
            return file.confirmOwed()
                    ? acquired.call(outcome -> outcome instanceof Acquisition.Granted ? confirm(file, client) : done())
                    : acquired;
        });
    }

    Uni<Optional<Conflict>> test(LockRights rights, FileRef ref, PendingLock order) {
        locks.requireAcquire(rights);
        return files.forReading(ref)
                .chain(found -> found instanceof FileLookup.Unknown unknown && files.isMadeByAcquire(unknown)
                        ? Uni.createFrom().item(Optional.<Conflict>empty())
                        : locks.test(rights, order.on(known(found).id())));
    }

    /**
     * @param client whose locks are rolled back when it has left before the answer
     */
    Uni<BatchOutcome> batch(
            LockRights rights, FileRef ref, List<PendingUnlock> unlocks, List<PendingLock> asked, Recipient client) {
        locks.requireAcquire(rights);
        Uni<FileLookup> found = asked.isEmpty() ? files.forRelease(ref) : files.forAcquire(ref);
        return found.map(FileLocking::known).chain(file -> {
            Uni<BatchOutcome> outcome = locks.batch(
                            rights,
                            unlocks.stream().map(u -> u.on(file.id())).toList(),
                            asked.stream().map(l -> l.on(file.id())).toList())
                    .invoke(end -> {
                        if (end instanceof BatchOutcome.Done done) {
                            done.request().ifPresent(request -> client.ifGone(() -> rollBack(request)));
                        }
                    });
            return file.confirmOwed()
                    ? outcome.call(end -> end instanceof BatchOutcome.Done ? confirm(file, client) : done())
                    : outcome;
        });
    }

    Uni<Release> release(LockRights rights, FileRef ref, PendingUnlock order, Recipient client) {
        locks.requireRelease(rights, order.anyOwner());
        return files.forRelease(ref)
                .chain(found -> locks.release(rights, order.on(known(found).id()), client));
    }

    /** The filter of a list of one file. */
    Uni<GrantFilter> listed(LockRights rights, FileRef ref, Protocol protocol, ListRequest form) {
        locks.requireList(rights, form.mine());
        return files.forReading(ref)
                .map(found -> form.filter(protocol, rights, known(found).id()));
    }

    Uni<Map<String, Long>> count(LockRights rights, FileRef ref, Protocol protocol, ListRequest form, CountBy by) {
        return listed(rights, ref, protocol, form).chain(filter -> locks.count(rights, filter, by));
    }

    /** For lists that are always empty: the file must exist nevertheless. */
    Uni<Void> exists(LockRights rights, FileRef ref, ListRequest form) {
        locks.requireList(rights, form.mine());
        return files.forReading(ref).map(FileLocking::known).replaceWithVoid();
    }

    /** Behind the answer; nobody waits for it. */
    private void rollBack(RequestId request) {
        locks.rollBack(request)
                .subscribe()
                .with(
                        done -> LOG.debugf("request %s of a client that left: rolled back %s", request.text(), done),
                        failure -> LOG.warnf(
                                "request %s of a client that left could not be rolled back: %s",
                                request.text(), failure.getMessage()));
    }

    /**
     * The grant stands whether this succeeds or not, and its holder must hear of it: the next acquire repeats it. When
     * the holder has left, the grant will be rolled back, and the path stays as it was.
     */
    private Uni<Void> confirm(FileLookup.Known file, Recipient client) {
        if (client.isGone()) {
            return done();
        }
        return files.confirm(file.id()).onFailure().recoverWithUni(failure -> {
            LOG.infof("file %s stays unlisted for now: %s", Long.toUnsignedString(file.id()), failure.getMessage());
            return done();
        });
    }

    private static Uni<Void> done() {
        return Uni.createFrom().voidItem();
    }

    private static FileLookup.Known known(FileLookup found) {
        return switch (found) {
            case FileLookup.Known known -> known;
            case FileLookup.Unknown(FileRef ref) -> throw FilesProblemException.unknownFile(ref);
            case FileLookup.NotAFile(FileRef ref) ->
                throw new FilesProblemException(FilesError.NOT_A_FILE, "field 'ref' names a directory: " + ref);
        };
    }
}
