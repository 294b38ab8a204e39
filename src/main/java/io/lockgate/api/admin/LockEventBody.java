package io.lockgate.api.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lockgate.event.LockEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The data of an event. Route and id are those of a route lock, the three others those of a course lock. */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record LockEventBody(
        String kind,
        @Nullable String route,
        @Nullable String id,
        @Nullable String courseId,
        @Nullable String gadgetId,
        @Nullable String lockId,
        RouteLocksBody.Holder user,
        String at) {
    static LockEventBody of(LockEvent event) {
        boolean isRoute = event.kind() == LockEvent.Kind.ROUTE;
        return new LockEventBody(
                event.kind().name().toLowerCase(Locale.ROOT),
                isRoute ? event.scope() : null,
                isRoute ? event.name() : null,
                isRoute ? null : event.scope(),
                isRoute ? null : event.name(),
                event.lockId().isPresent() ? Long.toString(event.lockId().getAsLong()) : null,
                new RouteLocksBody.Holder(Long.toString(event.user()), event.username()),
                event.at().toString());
    }
}
