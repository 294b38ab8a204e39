package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.IssuedToken;
import io.lockgate.identity.Permission;
import io.lockgate.identity.TokenKind;
import io.lockgate.identity.TokenLifetimes;
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
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Tokens of others, for those with {@code manage-users}. Making and ending them is audited. */
@Path("/admin/tokens")
@Produces(MediaType.APPLICATION_JSON)
public class TokensResource {
    private final IdentityService identities;

    TokensResource(IdentityService identities) {
        this.identities = identities;
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> create(byte @Nullable [] bytes, @Context RoutingContext context) {
        Caller actor = CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        ObjectNode body = JsonFields.read(bytes);
        String username = JsonFields.name(body, "username", IdentityService.MAX_NAME_BYTES);
        return identities
                .createToken(actor, username, kind(JsonFields.text(body, "kind", 64)), lifetime(body))
                .map(made ->
                        made.map(TokensResource::answer).orElseThrow(() -> ProblemException.notFound("no such user")));
    }

    @DELETE
    @Cancellable(false)
    @Path("/{id}")
    public Uni<Response> revoke(@PathParam("id") String id, @Context RoutingContext context) {
        Caller actor = CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        OptionalLong number = JsonFields.id(id);
        return number.isEmpty()
                ? Uni.createFrom().failure(ProblemException.notFound("no such id"))
                : identities
                        .revokeToken(actor, number.getAsLong())
                        .map(revoked -> AccountReplies.done(revoked, "no such token"));
    }

    private static TokenKind kind(String text) {
        return switch (text) {
            case "bearer" -> TokenKind.BEARER;
            case "refresh" -> TokenKind.REFRESH;
            case "sid" -> TokenKind.SID;
            case "partner" -> TokenKind.PARTNER;
            default -> throw ProblemException.field("kind", "must be bearer, refresh, sid or partner");
        };
    }

    private static Optional<Duration> lifetime(ObjectNode body) {
        if (!JsonFields.has(body, "ttl_s")) {
            return Optional.empty();
        }
        JsonNode seconds = body.get("ttl_s");
        if (!seconds.isIntegralNumber()
                || !seconds.canConvertToLong()
                || seconds.longValue() < 1
                || seconds.longValue() > TokenLifetimes.MAX.toSeconds()) {
            throw ProblemException.field("ttl_s", "is not between 1 and " + TokenLifetimes.MAX.toSeconds());
        }
        return Optional.of(Duration.ofSeconds(seconds.longValue()));
    }

    private static Response answer(IssuedToken token) {
        ObjectNode body = AccountReplies.success(201);
        body.put("token", token.secret().text());
        body.put("id", Long.toString(token.id()));
        return Json.response(201, body);
    }
}
