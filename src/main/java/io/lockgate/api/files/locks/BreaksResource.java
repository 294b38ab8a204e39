package io.lockgate.api.files.locks;

import io.lockgate.api.files.IdempotencyHeader;
import io.lockgate.api.files.locks.BreakJson.BreakAllBody;
import io.lockgate.api.files.locks.BreakJson.BreakBody;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockRights;
import io.lockgate.range.Protocol;
import io.lockgate.range.breaks.BreakOrder;
import io.lockgate.range.breaks.Breaks;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Breaking locks: one, or all of a file, a machine or a session; the notice and its end; and taking a break back. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class BreaksResource {
    private final Breaks breaks;
    private final BreakAnswers answers;

    BreaksResource(Breaks breaks, BreakAnswers answers) {
        this.breaks = breaks;
        this.answers = answers;
    }

    @POST
    @Cancellable(false)
    @Path("/locks/{protocol}/grants/{grant_id}/break")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> breakGrant(
            @PathParam("protocol") String protocolSegment,
            @PathParam("grant_id") String grantId,
            BreakBody body,
            @Context RoutingContext context) {
        Optional<IdempotencyKey> key = IdempotencyHeader.of(context);
        Protocol protocol = ProtocolPath.of(protocolSegment);
        BreakOrder order = BreakRequest.order(body);
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        GrantId id = LockRequestParser.grantId(grantId);
        return breaks.once(key)
                .breakGrant(rights, protocol, id, order, HttpRecipient.of(context))
                .map(outcome -> answers.of(rights, order.dryRun(), outcome));
    }

    @DELETE
    @Cancellable(false)
    @Path("/locks/{protocol}/grants/{grant_id}/break")
    public Uni<Response> cancel(
            @PathParam("protocol") String protocolSegment,
            @PathParam("grant_id") String grantId,
            @Context RoutingContext context) {
        Protocol protocol = ProtocolPath.of(protocolSegment);
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        return breaks.cancel(rights, protocol, LockRequestParser.grantId(grantId))
                .map(BreakAnswers::ofCancelled);
    }

    @POST
    @Cancellable(false)
    @Path("/locks/{protocol}/grants/{grant_id}/break/undo")
    public Uni<Response> undo(
            @PathParam("protocol") String protocolSegment,
            @PathParam("grant_id") String grantId,
            @Context RoutingContext context) {
        Protocol protocol = ProtocolPath.of(protocolSegment);
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        return breaks.undo(rights, LockRequestParser.grantId(grantId))
                .map(outcome -> answers.of(rights, protocol, outcome));
    }

    @POST
    @Cancellable(false)
    @Path("/locks/break")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> breakAll(BreakAllBody body, @Context RoutingContext context) {
        BreakRequest request = BreakRequest.of(body);
        LockRights rights = request.rights(CurrentCaller.of(context));
        return breaks.breakAll(
                        rights,
                        request.filter(),
                        request.after(),
                        request.limit(),
                        request.order(),
                        HttpRecipient.of(context))
                .map(page -> answers.of(rights, request, page));
    }
}
