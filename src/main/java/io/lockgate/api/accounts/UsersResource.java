package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.Json;
import io.lockgate.http.Problem;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.Permission;
import io.lockgate.identity.User;
import io.lockgate.identity.UserStore;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Users, for those with {@code manage-users}. Every change is audited. */
@Path("/admin/users")
@Produces(MediaType.APPLICATION_JSON)
public class UsersResource {
    private static final int MAX_PERMISSIONS = 1_000;

    private final IdentityService identities;

    UsersResource(IdentityService identities) {
        this.identities = identities;
    }

    @POST
    @Cancellable(false)
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> create(byte @Nullable [] bytes, @Context RoutingContext context) {
        Caller actor = CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        ObjectNode body = JsonFields.read(bytes);
        return identities
                .createUser(
                        actor,
                        JsonFields.name(body, "username", IdentityService.MAX_NAME_BYTES),
                        JsonFields.optionalName(body, "email", IdentityService.MAX_NAME_BYTES),
                        JsonFields.newPassword(body, "password"),
                        permissions(body).orElse(List.of()))
                .map(UsersResource::answer);
    }

    @GET
    public Uni<Response> list(
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit,
            @Context RoutingContext context) {
        CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        int rows = PageParameters.limit(limit);
        return new PageWriter<User>(
                        "users",
                        (behind, most) -> identities.listUsers(behind.orElse(0L), most),
                        User::id,
                        UsersResource::describe)
                .answer(PageParameters.key("after", after), rows);
    }

    @GET
    @Path("/{id}")
    public Uni<Response> find(@PathParam("id") String id, @Context RoutingContext context) {
        CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        return onUser(
                id,
                number -> identities
                        .findUser(number)
                        .map(found -> found.map(user -> user(200, user))
                                .orElseThrow(() -> ProblemException.notFound("no such user"))));
    }

    @PATCH
    @Cancellable(false)
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> change(@PathParam("id") String id, byte @Nullable [] bytes, @Context RoutingContext context) {
        Caller actor = CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        return onUser(id, number -> {
            ObjectNode body = JsonFields.read(bytes);
            Optional<String> email = JsonFields.optionalName(body, "email", IdentityService.MAX_NAME_BYTES);
            Optional<String> password = JsonFields.has(body, "password")
                    ? Optional.of(JsonFields.newPassword(body, "password"))
                    : Optional.empty();
            Optional<List<Permission>> permissions = permissions(body);
            if (email.isEmpty() && password.isEmpty() && permissions.isEmpty()) {
                throw ProblemException.missing("email' or 'password' or 'permissions");
            }
            return identities
                    .changeUser(actor, number, email, password, permissions)
                    .map(UsersResource::answer);
        });
    }

    @DELETE
    @Cancellable(false)
    @Path("/{id}")
    public Uni<Response> delete(@PathParam("id") String id, @Context RoutingContext context) {
        Caller actor = CurrentCaller.confirmed(context).require(Permission.MANAGE_USERS);
        return onUser(
                id,
                number -> identities
                        .deleteUser(actor, number)
                        .map(deleted -> AccountReplies.done(deleted, "no such user")));
    }

    private static Uni<Response> onUser(String id, LongFunction<Uni<Response>> work) {
        OptionalLong number = JsonFields.id(id);
        return number.isPresent()
                ? work.apply(number.getAsLong())
                : Uni.createFrom().failure(ProblemException.notFound("no such id"));
    }

    private static Response answer(UserStore.Creation outcome) {
        return switch (outcome) {
            case UserStore.Creation.Created(User user) -> user(201, user);
            case UserStore.Creation.Taken ignored ->
                throw new ProblemException(new Problem.Conflict("the name or the email address is taken"));
        };
    }

    private static Response answer(UserStore.Changing outcome) {
        return switch (outcome) {
            case UserStore.Changing.Changed(User user) -> user(200, user);
            case UserStore.Changing.NoSuchUser ignored -> throw ProblemException.notFound("no such user");
            case UserStore.Changing.Taken ignored ->
                throw new ProblemException(new Problem.Conflict("the name or the email address is taken"));
        };
    }

    private static Response user(int status, User user) {
        ObjectNode body = AccountReplies.success(status);
        describe(user, body);
        return Json.response(status, body);
    }

    private static void describe(User user, ObjectNode body) {
        body.put("id", Long.toString(user.id()));
        body.put("username", user.username());
        user.email().ifPresent(email -> body.put("email", email));
        var permissions = body.putArray("permissions");
        for (Permission held : user.permissions()) {
            if (held.scope().isEmpty()) {
                permissions.add(held.name());
            } else {
                permissions.addObject().put("permission", held.name()).put("scope", held.scope());
            }
        }
    }

    /** Names, or objects of permission and scope. */
    private static Optional<List<Permission>> permissions(ObjectNode body) {
        if (!JsonFields.has(body, "permissions")) {
            return Optional.empty();
        }
        JsonNode given = body.get("permissions");
        if (!given.isArray() || given.size() > MAX_PERMISSIONS) {
            throw ProblemException.field("permissions", "is not an array of at most " + MAX_PERMISSIONS);
        }
        List<Permission> permissions = new ArrayList<>();
        for (JsonNode one : given) {
            Permission permission = permission(one);
            if (!permissions.contains(permission)) {
                permissions.add(permission);
            }
        }
        return Optional.of(permissions);
    }

    private static Permission permission(JsonNode given) {
        try {
            if (given.isTextual()) {
                return Permission.everywhere(given.textValue());
            }
            if (given instanceof ObjectNode pair) {
                String name = JsonFields.name(pair, "permission", IdentityService.MAX_NAME_BYTES);
                return JsonFields.has(pair, "scope")
                        ? new Permission(name, JsonFields.name(pair, "scope", Permission.MAX_SCOPE_BYTES))
                        : Permission.everywhere(name);
            }
        } catch (IllegalArgumentException e) {
            throw ProblemException.field("permissions", "names an unknown permission");
        }
        throw ProblemException.field("permissions", "holds an element that is neither a name nor an object");
    }
}
