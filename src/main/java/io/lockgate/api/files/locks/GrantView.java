package io.lockgate.api.files.locks;

import io.lockgate.api.files.ErrorJson.BlockerBody;
import io.lockgate.api.files.ErrorJson.ConflictBody;
import io.lockgate.api.files.ErrorJson.DeadlockBody;
import io.lockgate.api.files.ErrorJson.DeadlockMember;
import io.lockgate.api.files.ErrorJson.RangePart;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.api.files.locks.LockJson.GrantBody;
import io.lockgate.api.files.locks.LockJson.NoticeBody;
import io.lockgate.api.files.locks.LockJson.WaiterBody;
import io.lockgate.api.files.locks.LockJson.WaitingBody;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Conflict;
import io.lockgate.range.Grant;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockType;
import io.lockgate.range.Notice;
import io.lockgate.range.Protocol;
import io.lockgate.range.SessionId;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows grants as the caller may see them: their names and whose they are to readers and owners, their tokens to owners
 * alone. An open has no range, and its machine name is not shown (the published API). A test hides what a refusal hides. A request that waits has neither the id nor the token of a grant.
 */
@Singleton
final class GrantView {
    private final long nodeId;

    GrantView(GatewayInfo node) {
        this.nodeId = node.id();
    }

    GrantBody show(LockRights rights, Grant grant) {
        boolean seen = rights.maySee(grant);
        boolean nfs4 = grant.protocol() == Protocol.NFS4;
        boolean ofBytes = grant.modes().type() == LockType.BYTE_RANGE;
        boolean granted = !(grant.stage() instanceof Grant.Waiting);
        @Nullable String id = seen && granted ? grant.id().toString() : null;
        String name = grant.owner().ownerName();
        return new GrantBody(
                Long.toUnsignedString(grant.space().fileId()),
                grant.space().streamId(),
                grant.space().snapshotId(),
                LockModeJson.texts(grant.modes()),
                ofBytes ? Long.toUnsignedString(grant.range().first()) : null,
                ofBytes ? size(grant.protocol().semantics(), grant.range()) : null,
                seen ? grant.owner().ownerId() : null,
                seen && ofBytes ? name : null,
                seen ? grant.ownerAddress() : null,
                seen ? grant.nodeAddress() : null,
                nfs4 && seen ? (name.isEmpty() ? grant.ownerAddress() : name) : null,
                nfs4 ? id : null,
                nfs4 ? nodeId : null,
                id,
                granted && rights.owns(grant) ? grant.token().toString() : null,
                milliseconds(grant.expiresIn()),
                seen ? grant.session().map(SessionId::toString).orElse(null) : null,
                grant.stage() instanceof Grant.Provisional,
                grant.stage() instanceof Grant.Provisional(Duration within) ? milliseconds(within) : null,
                seen ? milliseconds(breaksIn(grant)) : null,
                granted ? null : true,
                null);
    }

    List<GrantBody> show(LockRights rights, List<Grant> grants) {
        return grants.stream().map(grant -> show(rights, grant)).toList();
    }

    ConflictBody show(LockRights rights, LockSemantics semantics, Conflict conflict) {
        return new ConflictBody(
                conflict.blockers().stream().map(b -> blocker(rights, b)).toList(),
                conflict.free().stream()
                        .map(part -> new RangePart(Long.toUnsignedString(part.first()), size(semantics, part)))
                        .toList(),
                conflict.more(),
                milliseconds(conflict.retryAfter()));
    }

    WaiterBody show(LockRights rights, Waiter waiter) {
        return new WaiterBody(
                show(rights, waiter.asked()),
                rights.maySee(waiter.asked()) ? waiter.id().toString() : null,
                waiter.left().toMillis());
    }

    List<WaiterBody> showWaiters(LockRights rights, List<Waiter> waiters) {
        return waiters.stream().map(waiter -> show(rights, waiter)).toList();
    }

    WaitingBody show(LockRights rights, WaitOutcome.Waiting where) {
        return new WaitingBody(
                where.waiter().id().toString(),
                where.position(),
                where.waiter().left().toMillis(),
                where.pollWithin().toMillis(),
                where.blockers().stream().map(b -> blocker(rights, b)).toList());
    }

    DeadlockBody show(LockRights rights, WaitOutcome.Deadlocked deadlock) {
        return new DeadlockBody(
                deadlock.cycle().stream().map(waiter -> member(rights, waiter)).toList(), deadlock.length());
    }

    private static DeadlockMember member(LockRights rights, Waiter waiter) {
        Grant asked = waiter.asked();
        if (!rights.maySee(asked)) {
            return new DeadlockMember(false, null, null, null, null, null, null, null, null, null, null);
        }
        return new DeadlockMember(
                rights.owns(asked),
                waiter.id().toString(),
                Long.toUnsignedString(asked.space().fileId()),
                asked.space().streamId(),
                asked.space().snapshotId(),
                LockModeJson.texts(asked.modes()),
                Long.toUnsignedString(asked.range().first()),
                size(asked.protocol().semantics(), asked.range()),
                asked.owner().ownerId(),
                asked.owner().ownerName(),
                asked.ownerAddress());
    }

    private static BlockerBody blocker(LockRights rights, Grant grant) {
        boolean seen = rights.maySee(grant);
        boolean granted = !(grant.stage() instanceof Grant.Waiting);
        boolean ofBytes = grant.modes().type() == LockType.BYTE_RANGE;
        return new BlockerBody(
                ofBytes ? Long.toUnsignedString(grant.range().first()) : null,
                ofBytes ? size(grant.protocol().semantics(), grant.range()) : null,
                LockModeJson.texts(grant.modes()),
                milliseconds(grant.expiresIn()),
                grant.stage() instanceof Grant.Provisional ? true : null,
                granted ? null : true,
                seen && granted ? grant.id().toString() : null,
                seen ? grant.owner().ownerId() : null,
                seen && ofBytes ? grant.owner().ownerName() : null,
                seen ? grant.ownerAddress() : null);
    }

    List<NoticeBody> showNotices(LockRights rights, List<Notice> notices) {
        return notices.stream()
                .map(notice -> new NoticeBody(
                        notice.kind().name().toLowerCase(Locale.ROOT),
                        show(rights, notice.grant()),
                        milliseconds(notice.in().orElse(null)),
                        notice.reason().isEmpty() ? null : notice.reason()))
                .toList();
    }

    private static @Nullable Duration breaksIn(Grant grant) {
        return grant.stage() instanceof Grant.Held(Optional<Duration> in) ? in.orElse(null) : null;
    }

    private static String size(LockSemantics semantics, ByteRange range) {
        return Long.toUnsignedString(range.sizeIn(semantics));
    }

    private static @Nullable Long milliseconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }
}
