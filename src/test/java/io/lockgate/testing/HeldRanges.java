package io.lockgate.testing;

import static io.lockgate.testing.LockClient.get;

import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.event.RangeEvent;
import io.lockgate.range.event.RangeEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What owners hold: of POSIX the protocol and mode of each byte, of SMB how many locks of each kind. Only for short ranges.
 *
 * @param unheld events that freed what was not held
 */
public record HeldRanges(Map<String, String> bytes, Map<String, Integer> locks, List<RangeEvent> unheld) {
    private HeldRanges() {
        this(new TreeMap<>(), new TreeMap<>(), new ArrayList<>());
    }

    /** What a reader has who applies events to an empty list. */
    public static HeldRanges of(List<RangeEvent> events) {
        HeldRanges held = new HeldRanges();
        for (RangeEvent event : events) {
            Grant grant = event.grant();
            if (!(grant.stage() instanceof Grant.Held)) {
                continue;
            }
            if (event.kind() == Kind.GRANTED) {
                held.add(grant);
            } else if (!held.remove(grant)) {
                held.unheld.add(event);
            }
        }
        return held;
    }

    /** What the lists of a table show in a space, but for some owners. */
    public static HeldRanges of(RangeLockTable table, LockSpace space, Set<String> withoutOwners) {
        HeldRanges held = new HeldRanges();
        for (Protocol protocol : Protocol.values()) {
            GrantFilter filter = GrantFilter.ofFile(protocol, space.fileId(), space.snapshotId());
            get(table.list(filter, Cursor.START, 10_000)).grants().stream()
                    .filter(grant -> !withoutOwners.contains(grant.owner().ownerId()))
                    .forEach(held::add);
        }
        return held;
    }

    private static String owner(Grant grant) {
        return grant.owner().ownerId() + "/" + grant.owner().ownerName();
    }

    private static String lock(Grant grant) {
        return owner(grant) + " " + grant.modes() + " " + grant.range();
    }

    private void add(Grant grant) {
        if (grant.protocol().semantics() == LockSemantics.SMB) {
            locks.merge(lock(grant), 1, Integer::sum);
            return;
        }
        for (long at = grant.range().first(); at <= grant.range().last(); at++) {
            bytes.put(owner(grant) + " " + at, grant.protocol() + " " + grant.modes());
        }
    }

    /** Whether all of it was there. */
    private boolean remove(Grant grant) {
        if (grant.protocol().semantics() == LockSemantics.SMB) {
            int left = locks.merge(lock(grant), -1, Integer::sum);
            locks.remove(lock(grant), 0);
            return left >= 0;
        }
        boolean all = true;
        for (long at = grant.range().first(); at <= grant.range().last(); at++) {
            all &= bytes.remove(owner(grant) + " " + at) != null;
        }
        return all;
    }
}
