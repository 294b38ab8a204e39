package io.lockgate.door.admin;

import io.lockgate.door.Json;
import io.lockgate.door.Percent;
import io.lockgate.route.Acquisition;
import io.lockgate.route.Release;
import io.lockgate.route.RouteLock;
import io.lockgate.route.RouteLockId;
import io.lockgate.route.RouteLockPage;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/** Outcome to answer: one exhaustive switch for each kind of outcome. */
final class AdminAnswers {
    private AdminAnswers() {}

    static Response of(Acquisition outcome) {
        return switch (outcome) {
            case Acquisition.Held held -> success();
            case Acquisition.HeldByAnother() -> failure(AdminError.CONFLICT);
            case Acquisition.NoSuchUser() -> failure(AdminError.NOT_FOUND);
        };
    }

    static Response of(Release outcome) {
        return switch (outcome) {
            case Release.Released() -> success();
            case Release.NotYours() -> failure(AdminError.FORBIDDEN);
            case Release.NoSuchLock(), Release.NoSuchUser() -> failure(AdminError.NOT_FOUND);
        };
    }

    static Response of(RouteLockPage page, Optional<String> route, int limit) {
        String next = page.next().map(last -> next(last, route, limit)).orElse(null);
        return json(
                200,
                new RouteLocksBody(
                        new RouteLocksBody.Page(
                                page.locks().stream().map(AdminAnswers::row).toList(), next),
                        200));
    }

    static Response failure(AdminError error) {
        return failure(error, error.text());
    }

    static Response failure(AdminError error, String text) {
        return json(error.status(), new AdminBody(text, error.status()));
    }

    static Response json(int status, Object body) {
        return Response.status(status)
                .header("Content-Type", "application/json")
                .entity(Json.write(body))
                .build();
    }

    private static Response success() {
        return json(200, new AdminBody("Success", 200));
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
