package io.lockgate.api.admin;

import io.lockgate.event.LockEvents;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.EventStreams;
import io.lockgate.http.HttpRecipient;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Caller;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What happens to route and course locks, as a stream. */
@Path("/admin/locks/events")
public class LockEventsResource {
    private static final Pattern POSITION = Pattern.compile("[0-9]{1,18}");

    private final LockEvents events;
    private final EventStreams streams;

    LockEventsResource(LockEvents events, EventStreams streams) {
        this.events = events;
        this.streams = streams;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Uni<Response> follow(
            @QueryParam("route") @Nullable String route,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventId,
            @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        events.require(caller, Optional.empty());
        Optional<String> one =
                Optional.ofNullable(route).filter(r -> !r.isEmpty()).map(r -> RouteLockRequestParser.name("route", r));
        events.require(caller, one);
        OptionalLong after = position(lastEventId);
        Response answer = Response.ok(streams.open(
                        caller,
                        HttpRecipient.of(context),
                        now -> events.require(now, one),
                        stream -> events.follow(caller, one, after, new LockEventStream(stream))::end))
                .type(MediaType.SERVER_SENT_EVENTS)
                .header("Cache-Control", "no-store")
                .build();
        return Uni.createFrom().item(answer);
    }

    private static OptionalLong position(@Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!POSITION.matcher(lastEventId).matches()) {
            throw ProblemException.field("Last-Event-ID", "is not the id of an event of this stream");
        }
        return OptionalLong.of(Long.parseLong(lastEventId));
    }
}
