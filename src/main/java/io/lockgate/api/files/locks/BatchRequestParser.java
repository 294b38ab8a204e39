package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.locks.LockJson.BatchBody;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.api.files.locks.LockJson.UnlockBody;
import io.lockgate.http.ProblemException;
import io.lockgate.range.LockSemantics;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A batch that is in order: bounded, of one space, and in SMB of one kind. */
record BatchRequestParser(List<PendingUnlock> unlocks, List<PendingLock> locks) {

    static BatchRequestParser of(LockRequestParser form, BatchBody body, int maxRanges) {
        List<@Nullable LockBody> locks = Objects.requireNonNullElse(body.locks(), List.of());
        List<@Nullable UnlockBody> unlocks = Objects.requireNonNullElse(body.unlocks(), List.of());
        if (locks.isEmpty() && unlocks.isEmpty()) {
            throw ProblemException.field("locks", "and field 'unlocks' are both empty or absent");
        }
        if (locks.size() + unlocks.size() > maxRanges) {
            throw ProblemException.field(
                    "locks", "and field 'unlocks' have more than " + maxRanges + " ranges together");
        }
        if (form.protocol().world() == LockSemantics.SMB && !locks.isEmpty() && !unlocks.isEmpty()) {
            throw ProblemException.field("locks", "and field 'unlocks' cannot both be given in smb");
        }
        List<PendingUnlock> freed = new ArrayList<>(unlocks.size());
        List<PendingLock> taken = new ArrayList<>(locks.size());
        for (int i = 0; i < unlocks.size(); i++) {
            freed.add(form.unlock(FilesFields.element("unlocks", unlocks, i), "unlocks[" + i + "]."));
        }
        for (int i = 0; i < locks.size(); i++) {
            taken.add(form.lock(FilesFields.element("locks", locks, i), "locks[" + i + "]."));
        }
        requireOneSpace(freed, taken);
        return new BatchRequestParser(freed, taken);
    }

    /** One space lies in one bucket of the table, and only there a step is atomic. */
    private static void requireOneSpace(List<PendingUnlock> unlocks, List<PendingLock> locks) {
        String stream = locks.isEmpty()
                ? unlocks.getFirst().streamId()
                : locks.getFirst().streamId();
        String snapshot = locks.isEmpty()
                ? unlocks.getFirst().snapshotId()
                : locks.getFirst().snapshotId();
        if (!unlocks.stream().allMatch(u -> u.streamId().equals(stream))
                || !locks.stream().allMatch(l -> l.streamId().equals(stream))) {
            throw ProblemException.field("stream_id", "differs within the batch");
        }
        if (!unlocks.stream().allMatch(u -> u.snapshotId().equals(snapshot))
                || !locks.stream().allMatch(l -> l.snapshotId().equals(snapshot))) {
            throw ProblemException.field("snapshot_id", "differs within the batch");
        }
    }
}
