package io.lockgate.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Who makes the calls: users of the run's own when an administrator is given, else the one user that is given. */
final class Callers {
    /** What the users that the test makes may do: everything that a scenario does, and no more. */
    private static final List<String> PERMISSIONS = List.of(
            "PRIVILEGE_FS_LOCK_ACQUIRE",
            "PRIVILEGE_FS_LOCK_READ",
            "read-distribution",
            "report-any-distribution",
            "manage-locks",
            "edit-course",
            "manage-catalog");

    /** How long a token of theirs outlives the run: preparation and clean-up. */
    private static final Duration SPARE = Duration.ofHours(1);

    /** @param sid session of the courses API, or empty */
    record Caller(String token, String sid) {
        Map<String, String> bearer() {
            return Callers.bearer(token);
        }

        Map<String, String> session() {
            return Map.of("SID", sid);
        }
    }

    private final Api api;
    private final Parameters parameters;
    private final String run;
    private final Consumer<String> log;

    private final List<Caller> callers = new ArrayList<>();
    private final Set<String> privileges = new HashSet<>();
    /** Ids of users that were made here. */
    private final List<String> made = new ArrayList<>();

    private String token = "";

    Callers(Api api, Parameters parameters, String run, Consumer<String> log) {
        this.api = api;
        this.parameters = parameters;
        this.run = run;
        this.log = log;
    }

    List<Caller> all() {
        return List.copyOf(callers);
    }

    boolean may(String permission) {
        return privileges.contains(permission);
    }

    /** Whether they are users of the run's own, who take their route and course locks along when they are deleted. */
    boolean own() {
        return !made.isEmpty();
    }

    void prepare() {
        token = token();
        JsonNode me = Api.require(api.get("/v1/session/who-am-i", bearer(token)), "the credential is not accepted", 200)
                .json();
        me.path("privileges").forEach(each -> privileges.add(each.asText()));
        String name = me.path("name").asText();
        if (may("manage-users")) {
            makeUsers();
        }
        if (own()) {
            privileges.addAll(PERMISSIONS);
            log.accept("caller: " + name + ", who made " + made.size() + " users for this run");
        } else {
            callers.add(new Caller(token, parameters.text("sid")));
            log.accept("caller: " + name + ", for all calls (no administrator: no users of the test's own)");
        }
        if (!may("PRIVILEGE_FS_LOCK_ACQUIRE")) {
            throw new Fault("user " + name + " lacks the permission PRIVILEGE_FS_LOCK_ACQUIRE");
        }
    }

    private String token() {
        if (!parameters.text("token").isEmpty()) {
            return parameters.text("token");
        }
        if (parameters.text("username").isEmpty()) {
            throw new Fault("no credential: set LOAD_TOKEN, or LOAD_USERNAME and LOAD_PASSWORD");
        }
        Map<String, String> body =
                Map.of("username", parameters.text("username"), "password", parameters.text("password"));
        return Api.require(api.post("/v1/session/login", Map.of(), body), "the login is refused", 200)
                .json()
                .path("bearer_token")
                .asText();
    }

    private void makeUsers() {
        Duration life =
                parameters.time("warm-up").plus(parameters.time("duration")).plus(SPARE);
        for (int i = 0; i < parameters.number("users"); i++) {
            String username = "lockgate-load-" + run + "-" + i;
            Map<String, Object> user = Map.of("username", username, "password", secret(), "permissions", PERMISSIONS);
            Api.Answer answer = api.post("/admin/users", bearer(token), user);
            if (answer.status() == 403 && i == 0) {
                // With a scope the permission permits nothing.
                return;
            }
            made.add(Api.require(answer, "making a user", 201).json().path("id").asText());
            callers.add(new Caller(token(username, "bearer", life), token(username, "sid", life)));
        }
    }

    private String token(String username, String kind, Duration life) {
        Map<String, Object> body = Map.of("username", username, "kind", kind, "ttl_s", life.toSeconds());
        return Api.require(api.post("/admin/tokens", bearer(token), body), "making a token", 201)
                .json()
                .path("token")
                .asText();
    }

    private static String secret() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Deletes the users that were made. */
    void cleanUp() {
        for (String id : List.copyOf(made)) {
            Api.require(api.delete("/admin/users/" + id, bearer(token)), "deleting user " + id, 200, 404);
            made.remove(id);
        }
    }

    private static Map<String, String> bearer(String token) {
        return Map.of("Authorization", "Bearer " + token);
    }
}
