package io.lockgate.api.files.locks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.lockgate.api.files.Decimal;
import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.api.files.FilesTextRules;
import io.lockgate.api.files.locks.LockJson.LockBody;
import io.lockgate.api.files.locks.LockJson.UnlockBody;
import io.lockgate.http.HeldCall;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.range.ByteRange;
import io.lockgate.range.FileStream;
import io.lockgate.range.GrantId;
import io.lockgate.range.InvalidRangeException;
import io.lockgate.range.LockLifetime;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.LockType;
import io.lockgate.range.Owner;
import io.lockgate.range.OwnerSelector;
import io.lockgate.range.Protocol;
import io.lockgate.range.SessionId;
import io.lockgate.range.UnlockSpec;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns bodies and parameters into the values of {@code range}, or names the field that is wrong.
 *
 * @param snapshot the query parameter of that name, for bodies that do not say
 * @param remoteAddress address of the client
 * @param maySetAddress whether the caller may act for other machines
 * @param nodeAddress address of this node
 */
record LockRequestParser(
        Protocol protocol,
        LockRights rights,
        @Nullable String snapshot,
        String remoteAddress,
        BooleanSupplier maySetAddress,
        String nodeAddress) {
    private static final long MIN_LEASE_MS = 1_000;
    private static final long MAX_LEASE_MS = 86_400_000;
    private static final int MAX_WAIT_MS = 3_600_000;

    /**
     * A lock as it is asked for.
     *
     * @param at what stands in front of the field names: empty, or {@code locks[3].}
     */
    InStream<LockSpec> lock(LockType type, LockBody body, String at) {
        refuseLaterFeatures(body, at);
        String ownerId = FilesTextRules.id(at + "owner_id", FilesFields.required(at + "owner_id", body.ownerId()));
        String ownerName = body.ownerName() == null ? "" : FilesTextRules.name(at + "owner_name", body.ownerName());
        FileStream stream = stream(at, body.snapshotId(), body.streamId());
        LockSpec lock = new LockSpec(
                protocol,
                LockModeJson.parse(type, at + "mode", FilesFields.required(at + "mode", body.mode())),
                type == LockType.SHARE_MODE
                        ? everything(at, body.offset(), body.size())
                        : range(protocol.semantics(), at, body.offset(), body.size()),
                new Owner(rights.principal(), ownerId, ownerName),
                address(at, body.ownerAddress()),
                nodeAddress,
                lifetime(body, at));
        return new InStream<>(stream, lock);
    }

    /** How long an acquire waits at most; zero: not at all. */
    static Duration waitTime(LockBody body) {
        return HeldCall.waitMs("wait_ms", body.waitMs(), MAX_WAIT_MS);
    }

    /** Of a call that never waits. */
    static void refuseWaitTime(LockBody body, String at) {
        if (!HeldCall.waitMs(at + "wait_ms", body.waitMs(), MAX_WAIT_MS).isZero()) {
            throw ProblemException.field(at + "wait_ms", "must be absent or 0: this call does not wait");
        }
    }

    private static LockLifetime lifetime(LockBody body, String at) {
        if (body.sessionId() != null) {
            if (body.leaseMs() != null) {
                throw ProblemException.field(at + "session_id", "and field '" + at + "lease_ms' cannot both be given");
            }
            return LockLifetime.of(sessionId(FilesTextRules.id(at + "session_id", body.sessionId())));
        }
        return body.leaseMs() == null
                ? LockLifetime.UNTIL_RELEASED
                : LockLifetime.lease(lease(at + "lease_ms", body.leaseMs()));
    }

    /** An id that no table can have given names no session: 404 like any other stranger, not 400. */
    static SessionId sessionId(String text) {
        return SessionId.parse(text)
                .orElseThrow(() ->
                        new FilesProblemException(FilesError.NO_SUCH_SESSION, "there is no such session: " + text));
    }

    /**
     * To be called when everything else is in order: a malformed request is 400, whatever its caller may do.
     *
     * @throws NotPermittedException when the lock is for another machine, and the caller may not act for others
     */
    void requireOwnAddress(LockSpec lock) {
        if (!lock.ownerAddress().equals(remoteAddress) && !maySetAddress.getAsBoolean()) {
            throw new NotPermittedException(Permission.SET_OWNER_ADDRESS);
        }
    }

    InStream<UnlockSpec> unlock(UnlockBody body, String at) {
        return new InStream<>(
                stream(at, body.snapshotId(), body.streamId()),
                new UnlockSpec(
                        protocol,
                        range(protocol.semantics(), at, body.offset(), body.size()),
                        owners(at, body.ownerId(), body.ownerName())));
    }

    InStream<UnlockSpec> unlock(ReleaseQuery query) {
        return new InStream<>(
                stream("", null, query.streamId),
                new UnlockSpec(
                        protocol,
                        range(protocol.semantics(), "", text(query.offset), text(query.size)),
                        owners("", query.ownerId, query.ownerName)));
    }

    /** Which opens are to be closed. */
    InStream<OpenRelease> openRelease(OpenReleaseQuery query) {
        return new InStream<>(
                stream("", null, query.streamId),
                new OpenRelease(
                        FilesTextRules.id("owner_id", FilesFields.required("owner_id", query.ownerId)),
                        Optional.ofNullable(query.grantId).map(text -> grantId(FilesTextRules.id("grant_id", text)))));
    }

    /**
     * Opens of one handle.
     *
     * @param only that one, or empty for all
     */
    record OpenRelease(String ownerId, Optional<GrantId> only) {}

    /** An id that no table can have given names no lock: 404 like any other stranger, not 400. */
    static GrantId grantId(String text) {
        return GrantId.parse(text)
                .orElseThrow(() -> new FilesProblemException(FilesError.NO_SUCH_LOCK, "there is no such lock"));
    }

    private FileStream stream(String at, @Nullable String snapshotId, @Nullable String streamId) {
        return new FileStream(
                snapshotId == null ? snapshotId("snapshot", snapshot) : snapshotId(at + "snapshot_id", snapshotId),
                streamId(at, streamId));
    }

    /** Under which account is for {@link io.lockgate.range.RangeLocks} to say. */
    private static OwnerSelector owners(String at, @Nullable String ownerId, @Nullable String ownerName) {
        return new OwnerSelector(
                FilesTextRules.id(at + "owner_id", FilesFields.required(at + "owner_id", ownerId)),
                Optional.empty(),
                Optional.ofNullable(ownerName).map(name -> FilesTextRules.name(at + "owner_name", name)));
    }

    /**
     * The range of {@code offset} and {@code size} in {@code semantics}; both have error classes of their own
     * (docs/api-files.md, "Errors").
     */
    static ByteRange range(LockSemantics semantics, String at, @Nullable Decimal offset, @Nullable Decimal size) {
        long first = FilesFields.required(at + "offset", offset).value(at + "offset", FilesError.INVALID_OFFSET);
        long length = FilesFields.required(at + "size", size).value(at + "size", FilesError.INVALID_SIZE);
        try {
            return ByteRange.of(semantics, first, length);
        } catch (InvalidRangeException e) {
            FilesError error = e.field().equals("offset") ? FilesError.INVALID_OFFSET : FilesError.INVALID_SIZE;
            throw new FilesProblemException(error, "field '" + at + e.field() + "': " + e.getMessage());
        }
    }

    /** The range of an open, which has no field for it. */
    private static ByteRange everything(String at, @Nullable Decimal offset, @Nullable Decimal size) {
        if (offset != null || size != null) {
            throw ProblemException.field(
                    at + (offset == null ? "size" : "offset"), "must be absent: an open is of the whole stream");
        }
        return ByteRange.ALL;
    }

    static Duration lease(String field, long milliseconds) {
        if (milliseconds < MIN_LEASE_MS || milliseconds > MAX_LEASE_MS) {
            throw ProblemException.field(field, "is not between " + MIN_LEASE_MS + " and " + MAX_LEASE_MS);
        }
        return Duration.ofMillis(milliseconds);
    }

    /**
     * A snapshot id as {@code range} keeps it: decimal, the head version empty. {@code 0} is the head version too,
     * because the official client leaves a falsy value out when it lists but sends it when it releases.
     */
    static String snapshotId(String field, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return LockSpace.HEAD;
        }
        long id = Decimal.parse(text, field, FilesError.DECODE);
        return id == 0 ? LockSpace.HEAD : Long.toUnsignedString(id);
    }

    static String streamId(String at, @Nullable String text) {
        return text == null ? LockSpace.DEFAULT_STREAM : FilesTextRules.id(at + "stream_id", text);
    }

    private String address(String at, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return remoteAddress;
        }
        return FilesTextRules.address(at + "owner_address", text);
    }

    private static @Nullable Decimal text(@Nullable String text) {
        return text == null ? null : new Decimal(text, false);
    }

    private static void refuseLaterFeatures(LockBody body, String at) {
        refuse(at + "receipt", body.receipt());
        refuse(at + "durability", body.durability());
        JsonNode reclaim = Objects.requireNonNullElse(body.reclaim(), NullNode.instance);
        if (!reclaim.isNull() && !(reclaim.isBoolean() && !reclaim.booleanValue())) {
            throw FilesProblemException.notOffered("field '" + at + "reclaim'");
        }
    }

    private static void refuse(String field, @Nullable JsonNode value) {
        if (value != null && !value.isNull()) {
            throw FilesProblemException.notOffered("field '" + field + "'");
        }
    }
}
