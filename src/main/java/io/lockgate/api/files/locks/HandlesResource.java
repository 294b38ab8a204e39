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
import io.lockgate.range.OpenHandles.Closing;
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
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Opens of SMB as the lock managers of administrators ask for them: list and close. */
@Path("/v1/smb/files")
@Produces(MediaType.APPLICATION_JSON)
public class HandlesResource {

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
                .map(closed -> FilesReplies.ok(new CloseOutcomes(outcomes(asked, closed))));
    }

    /** What names no open is not asked for. */
    private static List<CloseOutcome> outcomes(List<Optional<GrantId>> asked, List<Closing> closed) {
        List<CloseOutcome> outcomes = new ArrayList<>(asked.size());
        Iterator<Closing> next = closed.iterator();
        for (Optional<GrantId> open : asked) {
            outcomes.add(new CloseOutcome(message(open.isPresent() ? next.next() : Closing.NO_SUCH_OPEN)));
        }
        return outcomes;
    }

    private static String message(Closing closing) {
        return switch (closing) {
            case CLOSED -> "";
            case NO_SUCH_OPEN -> "there is no such open: it has ended, or the location is not of this list";
            case UNKNOWN -> "a store did not answer: it may be closed, or not; ask again";
            case NOT_TRIED -> "nothing was done, because a store did not answer; ask again";
        };
    }
}
