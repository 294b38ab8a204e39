package io.lockgate.api.files.locks;

import io.lockgate.file.FileRef;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.EventStream;
import io.lockgate.http.EventStreams;
import io.lockgate.http.HttpRecipient;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Permission;
import io.lockgate.range.FileLocks;
import io.lockgate.range.LockRights;
import io.lockgate.range.event.EventFilter;
import io.lockgate.range.event.EventPosition;
import io.lockgate.range.event.RangeEvents;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What happens to byte-range locks, as a stream. */
@Path("/v1/files/locks/events")
public class EventsResource {
    private final RangeEvents events;
    private final FileLocks files;
    private final EventStreams streams;
    private final GrantView view;

    EventsResource(RangeEvents events, FileLocks files, EventStreams streams, GrantView view) {
        this.events = events;
        this.files = files;
        this.streams = streams;
        this.view = view;
    }

    /** Where a stream begins: known before it is written. */
    private static final class Beginning {
        private @Nullable EventFilter filter;
        private @Nullable EventPosition position;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Uni<Response> follow(
            @BeanParam EventsQuery query,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventId,
            @Context RoutingContext context) {
        Caller caller = CurrentCaller.confirmed(context);
        EventsRequest request = EventsRequest.of(query, lastEventId);
        LockRights rights = rights(caller, request.file());
        RangeEvents.require(rights);
        if (request.file().isEmpty() && events.needsFile()) {
            throw ProblemException.field(
                    "file_id", "must be given, or path: more than " + EventPosition.MAX_BUCKETS + " buckets of files");
        }
        Beginning beginning = new Beginning();
        EventStream stream = streams.open(
                caller,
                HttpRecipient.of(context),
                now -> requireSame(rights, rights(now, request.file())),
                opened -> begin(opened, rights, beginning));
        // Only then the answer begins: what a client reads behind its head is behind the position.
        return filter(rights, request)
                .chain(filter -> events.register(rights, filter.fileId()).invoke(now -> {
                    beginning.filter = filter;
                    beginning.position = request.begin(now);
                }))
                .map(ignored -> Response.ok(stream)
                        .type(MediaType.SERVER_SENT_EVENTS)
                        .header("Cache-Control", "no-store")
                        .build())
                .onFailure()
                .invoke(stream::end)
                .onCancellation()
                .invoke(stream::end);
    }

    private Runnable begin(EventStream stream, LockRights rights, Beginning beginning) {
        EventPosition position = Objects.requireNonNull(beginning.position);
        return events.follow(
                rights,
                Objects.requireNonNull(beginning.filter),
                position,
                new RangeEventStream(stream, view, rights, position))::end;
    }

    private Uni<EventFilter> filter(LockRights rights, EventsRequest request) {
        return request.file()
                .map(file -> files.idForList(rights, file, !rights.reads())
                        .map(LockAnswers::outcome)
                        .map(request.filter()::onFile))
                .orElseGet(() -> Uni.createFrom().item(request.filter()));
    }

    private static LockRights rights(Caller caller, Optional<FileRef> file) {
        return file.map(one -> LockRights.onFile(caller, one)).orElseGet(() -> LockRights.everywhere(caller));
    }

    /** A caller who may see other locks than before begins a new stream. */
    private static void requireSame(LockRights before, LockRights now) {
        RangeEvents.require(now);
        if (before.reads() != now.reads()) {
            throw new NotPermittedException(Permission.LOCK_READ);
        }
    }
}
