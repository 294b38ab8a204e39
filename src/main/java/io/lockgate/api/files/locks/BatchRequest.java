package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.locks.LockJson.BatchBody;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.api.files.locks.LockJson.UnlockBody;
import io.lockgate.http.ProblemException;
import io.lockgate.range.FileStream;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockType;
import io.lockgate.range.UnlockSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A batch that is in order: bounded, of one stream, and in SMB of one kind. */
record BatchRequest(FileStream stream, List<UnlockSpec> unlocks, List<LockSpec> locks) {

    static BatchRequest of(LockRequestParser parser, BatchBody body, int maxRanges) {
        List<@Nullable LockBody> locks = Objects.requireNonNullElse(body.locks(), List.of());
        List<@Nullable UnlockBody> unlocks = Objects.requireNonNullElse(body.unlocks(), List.of());
        if (locks.isEmpty() && unlocks.isEmpty()) {
            throw ProblemException.field("locks", "and field 'unlocks' are both empty or absent");
        }
        if (locks.size() + unlocks.size() > maxRanges) {
            throw ProblemException.field(
                    "locks", "and field 'unlocks' have more than " + maxRanges + " ranges together");
        }
        if (parser.protocol().semantics() == LockSemantics.SMB && !locks.isEmpty() && !unlocks.isEmpty()) {
            throw ProblemException.field("locks", "and field 'unlocks' cannot both be given in smb");
        }
        List<FileStream> streams = new ArrayList<>(locks.size() + unlocks.size());
        List<UnlockSpec> unlockSpecs = new ArrayList<>(unlocks.size());
        List<LockSpec> lockSpecs = new ArrayList<>(locks.size());
        for (int i = 0; i < unlocks.size(); i++) {
            UnlockBody unlock = FilesFields.element("unlocks", unlocks, i);
            String at = "unlocks[" + i + "].";
            InStream<UnlockSpec> parsed = parser.unlock(unlock, at);
            unlockSpecs.add(parsed.spec());
            streams.add(parsed.stream());
        }
        for (int i = 0; i < locks.size(); i++) {
            LockBody lock = FilesFields.element("locks", locks, i);
            String at = "locks[" + i + "].";
            LockRequestParser.refuseWaitTime(lock, at);
            InStream<LockSpec> parsed = parser.lock(LockType.BYTE_RANGE, lock, at);
            lockSpecs.add(parsed.spec());
            streams.add(parsed.stream());
        }
        FileStream stream = one(streams);
        lockSpecs.forEach(parser::requireOwnAddress);
        return new BatchRequest(stream, unlockSpecs, lockSpecs);
    }

    /** A batch is about one space: one space lies in one bucket of the table, and only there a step is atomic. */
    private static FileStream one(List<FileStream> streams) {
        FileStream first = streams.getFirst();
        if (!streams.stream().allMatch(stream -> stream.streamId().equals(first.streamId()))) {
            throw ProblemException.field("stream_id", "differs within the batch");
        }
        if (!streams.stream().allMatch(stream -> stream.snapshotId().equals(first.snapshotId()))) {
            throw ProblemException.field("snapshot_id", "differs within the batch");
        }
        return first;
    }
}
