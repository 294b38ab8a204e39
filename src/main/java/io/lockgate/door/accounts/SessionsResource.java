package io.lockgate.door.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.identity.Identities;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Sessions at the courses door, opened by partners for users. */
@Path("/sessions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "accounts")
public class SessionsResource {
    private final Identities identities;

    SessionsResource(Identities identities) {
        this.identities = identities;
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "openSession",
            summary = "Open a session for a user, with a partner's key as SID. It ends 30 days after its last use.")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = Bodies.NewSession.class)))
    @APIResponse(
            responseCode = "201",
            description = "The session, shown this once.",
            content = @Content(schema = @Schema(implementation = Bodies.CoursesSession.class)))
    @APIResponse(
            responseCode = "401",
            description = "Invalid credentials",
            content = @Content(schema = @Schema(implementation = Bodies.CoursesFailure.class)))
    public Uni<Response> open(byte @Nullable [] bytes, @Context RoutingContext exchange) {
        return Callings.identified(exchange, Shape.COURSES, partner -> {
            ObjectNode body = Fields.read(bytes);
            if (Fields.has(body, "userId")) {
                String id = idText(body.get("userId"));
                OptionalLong number = Fields.id(id);
                return number.isEmpty()
                        ? open(Optional.empty(), id)
                        : identities.findUser(number.getAsLong()).chain(found -> open(found, id));
            }
            if (Fields.has(body, "email")) {
                String email = Fields.name(body, "email", Identities.MAX_NAME_BYTES);
                return identities.findUserByEmail(email).chain(found -> open(found, email));
            }
            throw new BadInput(400, "field 'userId' or 'email' is missing");
        });
    }

    private Uni<Response> open(Optional<User> user, String asked) {
        return user.isEmpty()
                ? Uni.createFrom().item(Shape.COURSES.failure(404, "User '" + asked + "' not found"))
                : identities.issueSession(user.get()).map(session -> answer(session, user.get()));
    }

    /** A string that holds an int64, or the number itself. */
    private static String idText(JsonNode given) {
        if (given.isTextual() && given.textValue().length() <= Identities.MAX_NAME_BYTES) {
            return given.textValue();
        }
        if (given.isIntegralNumber()) {
            return given.asText();
        }
        throw BadInput.field("userId", "is not the id of a user");
    }

    private static Response answer(IssuedToken session, User user) {
        ObjectNode body = Fields.object().put("sessionId", session.secret().text());
        ObjectNode shown = body.putObject("user");
        shown.put("id", Long.toString(user.id()));
        shown.put("username", user.username());
        user.email().ifPresent(email -> shown.put("email", email));
        return Shape.answer(201, body);
    }
}
