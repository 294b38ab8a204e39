package io.lockgate.testing;

import io.lockgate.range.Acquisition;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Conflict;
import io.lockgate.range.Cursor;
import io.lockgate.range.FenceCheck;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.Release;
import io.lockgate.range.SessionId;
import io.lockgate.range.UnlockSpec;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Somebody who asks for locks in one space. */
public record LockClient(LockSpace space, Protocol protocol, Owner owner, LockLifetime lifetime) {
    public static final LockModes X = LockModes.of(LockMode.EXCLUSIVE);
    public static final LockModes S = LockModes.of(LockMode.SHARED);

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    public static LockClient nlm(LockSpace space, String ownerId) {
        return new LockClient(space, Protocol.NLM, new Owner("p", ownerId, "m"), LockLifetime.UNTIL_RELEASED);
    }

    public static LockClient smb(LockSpace space, String ownerId) {
        return new LockClient(space, Protocol.SMB, new Owner("p", ownerId, "m"), LockLifetime.UNTIL_RELEASED);
    }

    public LockClient named(String ownerName) {
        return new LockClient(space, protocol, new Owner(owner.principal(), owner.ownerId(), ownerName), lifetime);
    }

    public LockClient leasing(Duration length) {
        return new LockClient(space, protocol, owner, LockLifetime.lease(length));
    }

    public LockClient in(SessionId session) {
        return new LockClient(space, protocol, owner, LockLifetime.of(session));
    }

    public LockClient of(String principal) {
        return new LockClient(space, protocol, new Owner(principal, owner.ownerId(), owner.ownerName()), lifetime);
    }

    public LockClient at(LockSpace other) {
        return new LockClient(other, protocol, owner, lifetime);
    }

    public LockClient over(Protocol other) {
        return new LockClient(space, other, owner, lifetime);
    }

    /** POSIX: size 0 is "to the end"; SMB: zero-length. */
    public ByteRange range(long offset, long size) {
        return ByteRange.of(protocol.semantics(), offset, size);
    }

    public LockSpec lock(LockModes modes, long offset, long size) {
        return new LockSpec(protocol, modes, range(offset, size), owner, "192.0.2.1", "node-1", lifetime);
    }

    /** An open. */
    public LockSpec open(LockModes modes) {
        return new LockSpec(protocol, modes, ByteRange.ALL, owner, "192.0.2.1", "node-1", lifetime);
    }

    public Grant opened(RangeLockTable table, LockModes modes) {
        return granted(get(table.acquire(space, open(modes))));
    }

    public UnlockSpec unlock(long offset, long size) {
        return new UnlockSpec(protocol, range(offset, size), OwnerSelector.exactly(owner));
    }

    public Uni<Acquisition> acquire(RangeLockTable table, LockModes modes, long offset, long size) {
        return table.acquire(space, lock(modes, offset, size));
    }

    public Uni<Optional<Conflict>> test(RangeLockTable table, LockModes modes, long offset, long size) {
        return table.test(space, lock(modes, offset, size));
    }

    public Uni<Release> release(RangeLockTable table, long offset, long size) {
        return table.release(space, unlock(offset, size));
    }

    public Acquisition outcome(RangeLockTable table, LockModes modes, long offset, long size) {
        return get(acquire(table, modes, offset, size));
    }

    public Grant granted(RangeLockTable table, LockModes modes, long offset, long size) {
        return granted(outcome(table, modes, offset, size));
    }

    public long released(RangeLockTable table, long offset, long size) {
        return get(release(table, offset, size)) instanceof Release.Released done ? done.grants() : -1;
    }

    public boolean valid(RangeLockTable table, Grant grant, long offset, long size) {
        return get(table.check(space, range(offset, size), grant.token())) instanceof FenceCheck.Valid;
    }

    /** What stands in the space under this protocol, in order of age. */
    public List<Grant> standing(RangeLockTable table) {
        GrantFilter filter = GrantFilter.ofFile(protocol, space.fileId(), space.snapshotId());
        return get(table.list(filter, Cursor.START, 100_000)).grants();
    }

    public static Grant granted(Acquisition answer) {
        if (answer instanceof Acquisition.Granted granted) {
            return granted.grant();
        }
        throw new AssertionError("not granted: " + answer);
    }

    public static <T> T get(Uni<T> answer) {
        return answer.await().atMost(PATIENCE);
    }
}
