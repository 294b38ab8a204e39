package io.lockgate.api.accounts;

import io.lockgate.api.accounts.SessionJson.LoginBody;
import io.lockgate.api.accounts.SessionJson.NamesBody;
import io.lockgate.api.accounts.SessionJson.TokenBody;
import io.lockgate.api.accounts.SessionJson.WhoBody;
import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesFields;
import io.lockgate.api.files.FilesProblem;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.connection.ClientAddress;
import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityService;
import io.lockgate.identity.LoginOutcome;
import io.lockgate.identity.Permission;
import io.smallrye.mutiny.Uni;
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
import java.util.Set;
import java.util.TreeSet;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Logging in, and who one is then. */
@Path("/v1/session")
@Produces(MediaType.APPLICATION_JSON)
public class FilesSessionResource {
    private static final String SMB_HANDLE_READ = "PRIVILEGE_SMB_FILE_HANDLE_READ";
    private static final String SMB_HANDLE_WRITE = "PRIVILEGE_SMB_FILE_HANDLE_WRITE";

    private final IdentityService identities;

    FilesSessionResource(IdentityService identities) {
        this.identities = identities;
    }

    @POST
    @Cancellable(false)
    @Path("/login")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> login(LoginBody body, @Context RoutingContext context) {
        String username = FilesFields.required("username", body.username());
        String password = FilesFields.required("password", body.password());
        return identities
                .login(username, password, ClientAddress.network(context))
                .chain(this::answer);
    }

    @GET
    @Path("/who-am-i")
    public Uni<Response> whoAmI(@Context RoutingContext context) {
        Caller identity = CurrentCaller.confirmed(context);
        String id = Long.toString(identity.userId());
        return Uni.createFrom()
                .item(FilesReplies.ok(
                        new WhoBody(id, identity.principal(), "0", "", id, "", false, privileges(identity))));
    }

    /**
     * The names of the caller's permissions, and those by which lock managers of SMB look for them; given by themselves
     * these permit nothing.
     */
    private static List<String> privileges(Caller identity) {
        Set<String> names = new TreeSet<>(identity.permissionNames());
        if (names.contains(Permission.LOCK_READ)) {
            names.add(SMB_HANDLE_READ);
        }
        if (names.contains(Permission.LOCK_WRITE)) {
            names.add(SMB_HANDLE_WRITE);
        }
        return List.copyOf(names);
    }

    @GET
    @Path("/roles")
    public Uni<Response> roles(@Context RoutingContext context) {
        boolean administers = CurrentCaller.confirmed(context).may(Permission.MANAGE_USERS);
        return Uni.createFrom()
                .item(FilesReplies.ok(new NamesBody(administers ? List.of("Administrators") : List.of())));
    }

    private Uni<Response> answer(LoginOutcome outcome) {
        return switch (outcome) {
            case LoginOutcome.Welcome who ->
                identities
                        .issueLogin(who)
                        .map(token ->
                                FilesReplies.ok(new TokenBody(token.secret().text())));
            case LoginOutcome.Refused ignored ->
                Uni.createFrom()
                        .item(FilesProblem.of(FilesError.NOT_AUTHENTICATED, "the name or the password is wrong")
                                .response());
            case LoginOutcome.Throttled(Duration delay) ->
                Uni.createFrom()
                        .item(FilesProblem.of(FilesError.TOO_MANY_LOGINS, "too many attempts to log in")
                                .retryAfter(delay)
                                .response());
        };
    }
}
