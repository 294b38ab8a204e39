package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.IssuedToken;
import io.lockgate.identity.User;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Sessions of the courses API, opened by partners for users. */
@Path("/sessions")
@Produces(MediaType.APPLICATION_JSON)
public class CoursesSessionsResource {
    private final IdentityService identities;

    CoursesSessionsResource(IdentityService identities) {
        this.identities = identities;
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> open(byte @Nullable [] bytes, @Context RoutingContext context) {
        CurrentCaller.confirmed(context);
        ObjectNode body = JsonFields.read(bytes);
        if (JsonFields.has(body, "userId")) {
            String id = idText(body.get("userId"));
            OptionalLong number = JsonFields.id(id);
            return number.isEmpty()
                    ? open(Optional.empty(), id)
                    : identities.findUser(number.getAsLong()).chain(found -> open(found, id));
        }
        if (JsonFields.has(body, "email")) {
            String email = JsonFields.name(body, "email", IdentityService.MAX_NAME_BYTES);
            return identities.findUserByEmail(email).chain(found -> open(found, email));
        }
        throw ProblemException.field("userId' or 'email", "is missing");
    }

    private Uni<Response> open(Optional<User> user, String asked) {
        return user.isEmpty()
                ? Uni.createFrom().failure(ProblemException.notFound("User '" + asked + "' not found"))
                : identities.issueSession(user.get()).map(session -> answer(session, user.get()));
    }

    /** A string that holds an int64, or the number itself. */
    private static String idText(JsonNode given) {
        if (given.isTextual() && given.textValue().length() <= IdentityService.MAX_NAME_BYTES) {
            return given.textValue();
        }
        if (given.isIntegralNumber()) {
            return given.asText();
        }
        throw ProblemException.field("userId", "is not the id of a user");
    }

    private static Response answer(IssuedToken session, User user) {
        ObjectNode body = JsonFields.object().put("sessionId", session.secret().text());
        ObjectNode shown = body.putObject("user");
        shown.put("id", Long.toString(user.id()));
        shown.put("username", user.username());
        user.email().ifPresent(email -> shown.put("email", email));
        return Json.response(201, body);
    }
}
