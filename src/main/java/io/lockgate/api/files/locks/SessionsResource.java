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
import io.lockgate.range.LockRights;
import io.lockgate.range.Session;
import io.lockgate.range.SessionEnding;
import io.lockgate.range.Sessions;
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
import org.jboss.resteasy.reactive.server.Cancellable;

/** Client sessions: one heartbeat keeps all locks of a client, and their end frees all. */
@Path("/v1/files/locks/sessions")
@Produces(MediaType.APPLICATION_JSON)
public class SessionsResource {
    private static final Duration DEFAULT_TTL = Duration.ofSeconds(30);

    private final Sessions sessions;
    private final LockAnswers answers;
    private final GrantView grants;
    private final FilesLimits limits;

    SessionsResource(Sessions sessions, LockAnswers answers, GrantView grants, FilesLimits limits) {
        this.sessions = sessions;
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

    private Uni<Response> answer(LockRights rights, Session session, ListRequest request, String path) {
        SessionBody shown = show(session);
        return sessions.grants(rights, session, request.after(), request.limit())
                .map(page -> FilesReplies.ok(new SessionGrants(
                        shown.sessionId(),
                        shown.ownerName(),
                        shown.ttlMs(),
                        shown.expiresInMs(),
                        grants.show(rights, page.grants()),
                        request.next(path, page.next()))));
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
