package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.FilesRequest;
import io.lockgate.api.files.FilesTextRules;
import io.lockgate.api.files.locks.LockJson.SessionBody;
import io.lockgate.api.files.locks.LockJson.SessionGrants;
import io.lockgate.api.files.locks.LockJson.SessionOpenBody;
import io.lockgate.api.files.locks.LockJson.SessionsPage;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.HttpRecipient;
import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.LockRights;
import io.lockgate.range.Session;
import io.lockgate.range.SessionEnding;
import io.lockgate.range.Sessions;
import io.lockgate.range.queue.QueuedLocks;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterPage;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Client sessions: one heartbeat keeps all locks of a client, and their end frees all. */
@Path("/v1/files/locks/sessions")
@Produces(MediaType.APPLICATION_JSON)
public class SessionsResource {
    private static final Duration DEFAULT_TTL = Duration.ofSeconds(30);

    /** What the position of a page of waiters begins with; places of grants are of hexadecimal digits. */
    private static final String OF_WAITERS = "w";

    private final Sessions sessions;
    private final QueuedLocks queue;
    private final LockAnswers answers;
    private final GrantView grants;
    private final FilesLimits limits;

    SessionsResource(Sessions sessions, QueuedLocks queue, LockAnswers answers, GrantView grants, FilesLimits limits) {
        this.sessions = sessions;
        this.queue = queue;
        this.answers = answers;
        this.grants = grants;
        this.limits = limits;
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> open(SessionOpenBody body, @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        String ownerName = body.ownerName() == null ? "" : FilesTextRules.name("owner_name", body.ownerName());
        Duration ttl = body.ttlMs() == null ? DEFAULT_TTL : LockRequestParser.lease("ttl_ms", body.ttlMs());
        return sessions.open(rights, ownerName, ttl, HttpRecipient.of(context)).map(LockAnswers::of);
    }

    @GET
    public Uni<Response> list(@BeanParam SessionsQuery query, @Context RoutingContext context) {
        LockRights rights = LockRights.everywhere(CurrentCaller.of(context));
        String path = FilesRequest.path(context);
        ListRequest request = ListRequest.of(query.asList(), limits, path);
        return sessions.list(rights, request.mine(), request.ownerName(), request.after(), request.limit())
                .map(page -> FilesReplies.ok(new SessionsPage(
                        page.sessions().stream().map(SessionsResource::show).toList(),
                        request.next(path, page.next()))));
    }

    @GET
    @Path("/{session_id}")
    public Uni<Response> find(
            @PathParam("session_id") String sessionId, @BeanParam PageQuery query, @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        String path = FilesRequest.path(context);
        ListRequest request = ListRequest.of(query.asList(), limits, path);
        return sessions.find(rights, LockRequestParser.sessionId(sessionId)).chain(found -> {
            if (found.isEmpty()) {
                LockRights.confirmRightsOverOthers(CurrentCaller.of(context));
                return Uni.createFrom().item(LockAnswers.noSuchSession());
            }
            return answer(rights, found.get(), request, path);
        });
    }

    /** Its grants, and behind the last of them its waiters. */
    private Uni<Response> answer(LockRights rights, Session session, ListRequest request, String path) {
        SessionBody shown = show(session);
        return page(rights, session, request.after(), request.limit())
                .map(page -> FilesReplies.ok(new SessionGrants(
                        shown.sessionId(),
                        shown.ownerName(),
                        shown.ttlMs(),
                        shown.expiresInMs(),
                        grants.show(rights, page.grants()),
                        grants.showWaiters(rights, page.waiters()),
                        request.next(path, page.next()))));
    }

    /** What a page shows, and where the next one begins. */
    private record Page(List<Grant> grants, List<Waiter> waiters, Cursor next) {
        static Page of(List<Grant> grants, WaiterPage waiters) {
            Cursor next = waiters.next();
            return new Page(grants, waiters.waiters(), new Cursor(next.bucket(), OF_WAITERS + next.position()));
        }
    }

    private Uni<Page> page(LockRights rights, Session session, Cursor after, int limit) {
        if (after.position().startsWith(OF_WAITERS)) {
            Cursor place = new Cursor(after.bucket(), after.position().substring(OF_WAITERS.length()));
            return queue.list(rights, session, place, limit).map(waiters -> Page.of(List.of(), waiters));
        }
        return sessions.grants(rights, session, after, limit).chain(page -> {
            int left = limit - page.grants().size();
            return left == 0
                    ? Uni.createFrom().item(new Page(page.grants(), List.of(), page.next()))
                    : queue.listFurther(rights, session, Cursor.START, left)
                            .map(waiters -> Page.of(page.grants(), waiters));
        });
    }

    @POST
    @Cancellable(false)
    @Path("/{session_id}/renew")
    public Uni<Response> renew(@PathParam("session_id") String sessionId, @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        return sessions.renew(rights, LockRequestParser.sessionId(sessionId))
                .map(renewal -> answers.of(rights, renewal));
    }

    @DELETE
    @Cancellable(false)
    @Path("/{session_id}")
    public Uni<Response> end(@PathParam("session_id") String sessionId, @Context RoutingContext context) {
        LockRights rights = LockRights.ofOwnLocks(CurrentCaller.of(context));
        return sessions.end(rights, LockRequestParser.sessionId(sessionId), HttpRecipient.of(context))
                .invoke(ending -> {
                    if (ending instanceof SessionEnding.NoSuchSession) {
                        LockRights.confirmRightsOverOthers(CurrentCaller.of(context));
                    }
                })
                .map(LockAnswers::of);
    }

    private static SessionBody show(Session session) {
        return new SessionBody(
                session.id().toString(),
                session.ownerName(),
                session.ttl().toMillis(),
                session.expiresIn().toMillis());
    }
}
