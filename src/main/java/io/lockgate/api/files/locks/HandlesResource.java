package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.locks.HandleJson.CloseBody;
import io.lockgate.api.files.locks.HandleJson.CloseOutcome;
import io.lockgate.api.files.locks.HandleJson.CloseOutcomes;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockRights;
import io.lockgate.range.OpenHandles;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Opens of SMB as the lock managers of administrators ask for them: list and close. */
@Path("/v1/smb/files")
@Produces(MediaType.APPLICATION_JSON)
public class HandlesResource {
    private static final CloseOutcome CLOSED = new CloseOutcome("");
    private static final CloseOutcome NO_SUCH_OPEN =
            new CloseOutcome("there is no such open: it has ended, or the location is not of this list");

    private final OpenHandles handles;
    private final GrantLists lists;
    private final FilesLimits limits;

    HandlesResource(OpenHandles handles, GrantLists lists, FilesLimits limits) {
        this.handles = handles;
        this.lists = lists;
        this.limits = limits;
    }

    @GET
    public Uni<Response> list(@BeanParam HandlesQuery query, @Context RoutingContext context) {
        HandlesRequest request = HandlesRequest.of(query, limits);
        return lists.handles(request.rights(CurrentCaller.of(context)), request);
    }

    @POST
    @Cancellable(false)
    @Path("/close")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> close(CloseBody body, @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        List<Optional<GrantId>> asked = HandlesRequest.closed(body, limits.batchLimit());
        List<GrantId> opens = asked.stream().flatMap(Optional::stream).toList();
        return handles.close(rights, opens, HttpRecipient.of(context))
                .map(closed -> FilesReplies.ok(outcomes(asked, closed.iterator())));
    }

    private static CloseOutcomes outcomes(List<Optional<GrantId>> asked, Iterator<Boolean> closed) {
        return new CloseOutcomes(asked.stream()
                .map(open -> open.isPresent() && closed.next() ? CLOSED : NO_SUCH_OPEN)
                .toList());
    }
}
