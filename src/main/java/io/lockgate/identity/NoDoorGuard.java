package io.lockgate.identity;

import io.lockgate.http.UnreadBody;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Where no door is: the operations endpoints under {@code /q} are open, all else is closed to everybody. */
final class NoDoorGuard implements Guard {
    static final NoDoorGuard INSTANCE = new NoDoorGuard();

    private NoDoorGuard() {}

    @Override
    public boolean owns(String path) {
        return true;
    }

    @Override
    public boolean isOpen(String method, String path) {
        return path.equals("/q") || path.startsWith("/q/");
    }

    @Override
    public Optional<Carried> carried(RoutingContext exchange, String method, String path) {
        return Optional.empty();
    }

    @Override
    public void refuse(RoutingContext exchange, Refusal why) {
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
        if (status != 401) {
            exchange.response().putHeader("Retry-After", "1");
        }
        UnreadBody.discard(exchange.request());
        exchange.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/problem+json")
                .end("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + "}");
    }
}
