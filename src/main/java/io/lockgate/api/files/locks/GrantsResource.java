package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.IdempotencyHeader;
import io.lockgate.api.files.locks.LockJson.FenceBody;
import io.lockgate.api.files.locks.LockJson.RenewBody;
import io.lockgate.http.CurrentCaller;
import io.lockgate.range.ByteRange;
import io.lockgate.range.FencingToken;
import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.LockSemantics;
import io.lockgate.range.LockSpace;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.Release;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** One grant by its id, and the question whether a token is still good. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class GrantsResource {
    private final RangeLocks locks;
    private final LockAnswers answers;

    GrantsResource(RangeLocks locks, LockAnswers answers) {
        this.locks = locks;
        this.answers = answers;
    }

    @GET
    @Path("/locks/{protocol}/grants/{grant_id}")
    public Uni<Response> find(
            @PathParam("protocol") String protocolSegment,
            @PathParam("grant_id") String grantId,
            @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        return locks.find(rights, protocol, LockRequestParser.grantId(grantId))
                .invoke(found -> {
                    if (found.isEmpty()) {
                        LockRights.confirmRightsOverOthers(CurrentCaller.of(context));
                    }
                })
                .map(found -> answers.ofFound(rights, found));
    }

    @DELETE
    @Cancellable(false)
    @Path("/locks/{protocol}/grants/{grant_id}")
    public Uni<Response> release(
            @PathParam("protocol") String protocolSegment,
            @PathParam("grant_id") String grantId,
            @QueryParam(ReleaseQuery.RETURN) @Nullable String answer,
            @Context RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        boolean returnsGrants = ReleaseQuery.returnsGrants(answer);
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        return locks.once(key)
                .releaseGrant(rights, protocol, LockRequestParser.grantId(grantId))
                .invoke(release -> {
                    if (release instanceof Release.NoSuchLock) {
                        LockRights.confirmRightsOverOthers(CurrentCaller.of(context));
                    }
                })
                .map(release -> answers.of(rights, release, returnsGrants));
    }

    @POST
    @Cancellable(false)
    @Path("/locks/{protocol}/grants/{grant_id}/renew")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> renew(
            @PathParam("protocol") String protocolSegment,
            @PathParam("grant_id") String grantId,
            RenewBody body,
            @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        Protocol protocol = ProtocolPath.of(protocolSegment);
        Optional<Duration> lease =
                Optional.ofNullable(body.leaseMs()).map(length -> LockRequestParser.lease("lease_ms", length));
        GrantId id = LockRequestParser.grantId(grantId);
        return lease.map(length -> locks.renew(rights, protocol, id, length))
                .orElseGet(() -> locks.confirm(rights, protocol, id))
                .map(renewal -> answers.of(rights, renewal));
    }

    @POST
    @Cancellable(true)
    @Path("/locks/fence/check")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> check(FenceBody body, @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        long file = FilesFields.required("file_id", body.fileId()).value("file_id", FilesError.DECODE);
        LockSpace space = new LockSpace(
                file,
                LockRequestParser.snapshotId("snapshot_id", body.snapshotId()),
                LockRequestParser.streamId("", body.streamId()));
        // The token says whose grant it is, not of which protocol; 0 as a size is of use in POSIX alone.
        ByteRange range = LockRequestParser.range(LockSemantics.POSIX, "", body.offset(), body.size());
        long token =
                FilesFields.required("fencing_token", body.fencingToken()).value("fencing_token", FilesError.DECODE);
        return locks.check(rights, space, range, new FencingToken(token)).map(found -> answers.of(rights, found));
    }
}
