package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesRequest;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HeldCall;
import io.lockgate.http.HttpRecipient;
import io.lockgate.range.LockRights;
import io.lockgate.range.queue.QueuedLocks;
import io.lockgate.range.queue.WaiterId;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** One place in a queue by its id: poll and cancel. */
@Path(WaitersResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
public class WaitersResource {
    static final String PATH = "/v1/files/locks/waiters";

    private final QueuedLocks locks;
    private final LockAnswers answers;

    WaitersResource(QueuedLocks locks, LockAnswers answers) {
        this.locks = locks;
        this.answers = answers;
    }

    @GET
    @Path("/{waiter_id}")
    public Uni<Response> poll(
            @PathParam("waiter_id") String waiterId,
            @QueryParam("wait_ms") @Nullable String waitMs,
            @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        Duration wait = HeldCall.waitMs(waitMs);
        return locks.poll(rights, id(waiterId), wait, HttpRecipient.of(context))
                .map(answer -> answers.of(rights, rights, answer, FilesRequest.prefix(context)));
    }

    @DELETE
    @Cancellable(false)
    @Path("/{waiter_id}")
    public Uni<Response> withdraw(@PathParam("waiter_id") String waiterId, @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        return locks.withdraw(rights, id(waiterId))
                .invoke(done -> {
                    if (!done) {
                        LockRights.confirmRightsOverOthers(CurrentCaller.of(context));
                    }
                })
                .map(answers::ofWithdrawn);
    }

    /** An id that no queue can have given names no waiter: 404 like any other stranger, not 400. */
    private static WaiterId id(String text) {
        return WaiterId.parse(text).orElseThrow(LockAnswers::unknownWaiter);
    }
}
