package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Json;
import io.lockgate.http.Problem;
import io.lockgate.http.ProblemException;
import io.lockgate.http.connection.ClientAddress;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.IssuedToken;
import io.lockgate.identity.LoginOutcome;
import io.lockgate.identity.Permission;
import io.lockgate.identity.TokenKind;
import io.lockgate.identity.User;
import io.smallrye.mutiny.Uni;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Logging in and out, in the admin dialect. */
@Path("/auth")
@Produces(MediaType.APPLICATION_JSON)
public class AuthResource {
    private final IdentityService identities;

    AuthResource(IdentityService identities) {
        this.identities = identities;
    }

    @POST
    @Cancellable(false)
    @Path("/login")
    @Consumes(MediaType.WILDCARD)
    public Uni<Response> login(byte @Nullable [] bytes, @Context RoutingContext context) {
        ObjectNode body = JsonFields.read(bytes);
        // Longer ones are wrong, not malformed; the body's limit bounds them.
        String username = JsonFields.text(body, "username", JsonFields.MAX_BODY);
        String password = JsonFields.text(body, "password", JsonFields.MAX_BODY);
        return identities
                .login(username, password, ClientAddress.network(context))
                .chain(this::answer);
    }

    @GET
    @Cancellable(false)
    @Path("/me")
    public Uni<Response> me(@Context RoutingContext context) {
        Caller identity = CurrentCaller.confirmed(context);
        return accessToken(identity, context)
                .map(token -> session(
                        token,
                        new User(identity.userId(), identity.principal(), Optional.empty(), identity.permissions())));
    }

    @POST
    @Cancellable(false)
    @Path("/logout")
    @Consumes(MediaType.WILDCARD)
    public Uni<Response> logout(@Context RoutingContext context) {
        // While the store of identities does not answer, no token can be ended.
        CurrentCaller.confirmed(context);
        MultiMap headers = context.request().headers();
        return identities
                .logout(CredentialExtractor.refreshCookie(headers).orElse(""))
                .chain(() -> identities.logout(CredentialExtractor.bearer(headers)
                        .map(credential -> credential.token())
                        .orElse("")))
                .map(ended -> Response.fromResponse(Json.response(200, AccountReplies.success(200)))
                        .header("Set-Cookie", cookie("", 0))
                        .build());
    }

    private Uni<String> accessToken(Caller identity, RoutingContext context) {
        if (identity.kind() == TokenKind.BEARER) {
            return Uni.createFrom()
                    .item(CredentialExtractor.bearer(context.request().headers())
                            .map(credential -> credential.token())
                            .orElse(""));
        }
        return identities.issueAccess(identity).map(token -> token.secret().text());
    }

    private Uni<Response> answer(LoginOutcome outcome) {
        return switch (outcome) {
            case LoginOutcome.Welcome who -> welcome(who);
            case LoginOutcome.Refused ignored ->
                Uni.createFrom().failure(new ProblemException(new Problem.NotAuthenticated(Optional.empty())));
            case LoginOutcome.Throttled(Duration delay) ->
                Uni.createFrom().failure(new ProblemException(new Problem.TooManyLogins(delay)));
        };
    }

    private Uni<Response> welcome(LoginOutcome.Welcome who) {
        return identities
                .issueRefresh(who)
                .chain(refresh -> identities
                        .issueLogin(who, refresh)
                        .map(access -> withCookie(session(access.secret().text(), who.user()), refresh)));
    }

    private static Response withCookie(Response response, IssuedToken refresh) {
        return Response.fromResponse(response)
                .header(
                        "Set-Cookie",
                        cookie(refresh.secret().text(), refresh.lifetime().toSeconds()))
                .build();
    }

    private static String cookie(String token, long seconds) {
        return "refreshToken=" + token + "; Path=/; Max-Age=" + seconds + "; HttpOnly; Secure; SameSite=Strict";
    }

    private static Response session(String accessToken, User user) {
        ObjectNode body = AccountReplies.success(200);
        body.put("accessToken", accessToken);
        ObjectNode shown = body.putObject("user");
        shown.put("id", user.id());
        shown.put("username", user.username());
        boolean administers = user.permissions().contains(Permission.everywhere(Permission.MANAGE_USERS));
        (administers ? List.of("Administrators") : List.<String>of()).forEach(shown.putArray("roles")::add);
        var permissions = shown.putArray("permissions");
        user.permissions().stream().map(Permission::name).distinct().sorted().forEach(permissions::add);
        return Json.response(200, body);
    }
}
