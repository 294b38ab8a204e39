package io.lockgate.api.files.locks;

import io.lockgate.api.files.ErrorJson.BlockerBody;
import io.lockgate.api.files.ErrorJson.ConflictBody;
import io.lockgate.api.files.ErrorJson.RangePart;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.api.files.locks.LockJson.GrantBody;
import io.lockgate.range.ByteRange;
import io.lockgate.range.Conflict;
import io.lockgate.range.Grant;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.Protocol;
import io.lockgate.range.SessionId;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows grants as the caller may see them: their names and whose they are to readers and owners, their tokens to owners
 * alone. A test hides what a refusal hides.
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
        String id = grant.id().toString();
        String name = grant.owner().ownerName();
        return new GrantBody(
                Long.toUnsignedString(grant.space().fileId()),
                grant.space().streamId(),
                grant.space().snapshotId(),
                LockModeJson.texts(grant.modes()),
                Long.toUnsignedString(grant.range().first()),
                size(grant.protocol().semantics(), grant.range()),
                seen ? grant.owner().ownerId() : null,
                seen ? name : null,
                seen ? grant.ownerAddress() : null,
                seen ? grant.nodeAddress() : null,
                nfs4 && seen ? (name.isEmpty() ? grant.ownerAddress() : name) : null,
                nfs4 && seen ? id : null,
                nfs4 ? nodeId : null,
                seen ? id : null,
                rights.owns(grant) ? grant.token().toString() : null,
                milliseconds(grant.expiresIn()),
                seen ? grant.session().map(SessionId::toString).orElse(null) : null,
                false,
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

    private static BlockerBody blocker(LockRights rights, Grant grant) {
        boolean seen = rights.maySee(grant);
        return new BlockerBody(
                Long.toUnsignedString(grant.range().first()),
                size(grant.protocol().semantics(), grant.range()),
                LockModeJson.texts(grant.modes()),
                milliseconds(grant.expiresIn()),
                seen ? grant.id().toString() : null,
                seen ? grant.owner().ownerId() : null,
                seen ? grant.owner().ownerName() : null,
                seen ? grant.ownerAddress() : null);
    }

    private static String size(LockSemantics semantics, ByteRange range) {
        return Long.toUnsignedString(range.sizeIn(semantics));
    }

    private static @Nullable Long milliseconds(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }
}
