package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.AuditReader;
import io.lockgate.identity.Permission;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The audit trail, for those with {@code read-audit}. There is no way to change it. */
@Path("/admin/audit")
@Produces(MediaType.APPLICATION_JSON)
public class AuditResource {
    private final AuditReader audit;

    AuditResource(AuditReader audit) {
        this.audit = audit;
    }

    @GET
    public Uni<Response> read(
            @QueryParam("actor") @Nullable String actor,
            @QueryParam("object") @Nullable String object,
            @QueryParam("from") @Nullable String from,
            @QueryParam("to") @Nullable String to,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit,
            @Context RoutingContext context) {
        CurrentCaller.confirmed(context).require(Permission.READ_AUDIT);
        int rows = PageParameters.limit(limit);
        Optional<String> by = text("actor", actor);
        Optional<String> on = text("object", object);
        Optional<Instant> since = time("from", from);
        Optional<Instant> until = time("to", to);
        return new PageWriter<AuditReader.Row>(
                        "entries",
                        (below, most) -> audit.read(new AuditReader.Filter(by, on, since, until, below), most),
                        AuditReader.Row::id,
                        AuditResource::describe)
                .answer(PageParameters.key("after", after), rows);
    }

    private static void describe(AuditReader.Row row, ObjectNode body) {
        body.put("id", Long.toString(row.id()))
                .put("at", row.at().toString())
                .put("actor", row.actor())
                .put("what", row.what())
                .put("object", row.object())
                .put("whose", row.whose())
                .put("reason", row.reason())
                .put("outcome", row.outcome());
    }

    private static Optional<String> text(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            return Optional.empty();
        }
        if (value.indexOf('\0') >= 0) {
            throw ProblemException.field(field, "holds a NUL");
        }
        return Optional.of(value);
    }

    /** Within the years that Postgres knows. */
    private static Optional<Instant> time(String field, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            return Optional.empty();
        }
        try {
            OffsetDateTime time = OffsetDateTime.parse(value);
            if (time.getYear() >= 1 && time.getYear() <= 9_999) {
                return Optional.of(time.toInstant());
            }
        } catch (DateTimeParseException e) {
            throw ProblemException.field(field, "is not a time in ISO 8601 with its offset");
        }
        throw ProblemException.field(field, "is not within the years 1 to 9999");
    }
}
