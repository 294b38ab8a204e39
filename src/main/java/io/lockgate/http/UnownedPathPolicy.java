package io.lockgate.http;

import io.lockgate.http.connection.EarlyProblems;
import io.lockgate.identity.Credential;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Where no door is: the operations endpoints under {@code /q} are open, all else is closed to everybody. */
final class UnownedPathPolicy implements AuthenticationPolicy {
    static final UnownedPathPolicy INSTANCE = new UnownedPathPolicy();

    private UnownedPathPolicy() {}

    @Override
    public boolean owns(String path) {
        return true;
    }

    @Override
    public boolean isOpen(String method, String path) {
        return path.equals("/q") || path.startsWith("/q/");
    }

    @Override
    public Optional<Credential> carried(RoutingContext exchange, String method, String path) {
        return Optional.empty();
    }

    @Override
    public void refuse(RoutingContext exchange, AuthenticationFailure why) {
        int status =
                switch (why) {
                    case UNAVAILABLE -> 503;
                    case TOO_MANY -> 429;
                    case NOT_AUTHENTICATED, USER_GONE -> 401;
                };
        String title =
                switch (status) {
                    case 503 -> "Service Unavailable";
                    case 429 -> "Too Many Requests";
                    default -> "Unauthorized";
                };
        String body = "{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + "}";
        DirectAnswer.send(
                exchange,
                new EarlyProblems.Answer(
                        status,
                        "application/problem+json",
                        status == 401 ? Map.of() : Map.of("Retry-After", "1"),
                        body.getBytes(StandardCharsets.UTF_8)));
    }
}
