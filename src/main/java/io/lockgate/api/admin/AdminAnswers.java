package io.lockgate.api.admin;

import io.lockgate.http.Json;
import io.lockgate.http.Percent;
import io.lockgate.route.RouteAcquisition;
import io.lockgate.route.RouteLock;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockPage;
import io.lockgate.route.RouteRelease;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** Outcome to answer: one exhaustive switch for each kind of outcome. */
final class AdminAnswers {
    private AdminAnswers() {}

    static Response of(RouteAcquisition outcome) {
        return switch (outcome) {
            case RouteAcquisition.Held held -> success();
            case RouteAcquisition.HeldByAnother() -> failure(AdminError.CONFLICT);
            case RouteAcquisition.TooManyWaiting(boolean ofUser) ->
                Response.fromResponse(failure(ofUser ? AdminError.TOO_MANY : AdminError.UNAVAILABLE))
                        .header("Retry-After", "1")
                        .build();
            case RouteAcquisition.NoSuchUser() -> failure(AdminError.NOT_FOUND);
        };
    }

    static Response of(RouteRelease outcome) {
        return switch (outcome) {
            case RouteRelease.Released() -> success();
            case RouteRelease.NotYours() -> failure(AdminError.FORBIDDEN);
            case RouteRelease.NoSuchLock(), RouteRelease.NoSuchUser() -> failure(AdminError.NOT_FOUND);
        };
    }

    static Response of(RouteLockPage page, Optional<String> route, int limit) {
        String next = page.next().map(last -> next(last, route, limit)).orElse(null);
        return Json.response(
                200,
                new RouteLocksBody(
                        new RouteLocksBody.Page(
                                page.locks().stream().map(AdminAnswers::row).toList(), next),
                        200));
    }

    private static Response failure(AdminError error) {
        return Json.response(error.status(), new AdminBody(error.text(), error.status()));
    }

    private static Response success() {
        return Json.response(200, new AdminBody("Success", 200));
    }

    static RouteLocksBody.Row row(RouteLock lock) {
        return new RouteLocksBody.Row(
                lock.what().route(),
                lock.what().id(),
                new RouteLocksBody.Holder(Long.toString(lock.holder()), lock.username()),
                lock.since().toString());
    }

    /** Both parts are encoded once more, so that the slash between them is the only one. */
    static String next(RouteLockId last, Optional<String> route, int limit) {
        String after = Percent.encode(last.route()) + "/" + Percent.encode(last.id());
        String filter = route.map(one -> "route=" + Percent.encode(one) + "&").orElse("");
        return "/admin/locks?" + filter + "limit=" + limit + "&after=" + Percent.encode(after);
    }
}
