package io.lockgate.api.distribution;

import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.Distributions;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.Report;
import io.lockgate.distribution.ReportChange;
import io.lockgate.http.CallerSlots;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.PathSegments;
import io.lockgate.identity.Caller;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.RestMulti;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Which provider holds which blocks of a file (docs/api-distribution.md). */
@Path("/api/v3/oneprovider/data/{id}/distribution")
public class DistributionResource {
    private static final int ID = 4;
    private static final int PROVIDER = 6;
    private static final int MAX_PROVIDER = 256;

    /**
     * Short reports taken in at the same time: each holds a thread until the last of its bytes has come, and there are
     * 200.
     */
    private static final int SHORT_AT_ONCE = 64;

    /**
     * What is streamed is JSON; said so, the framework would write every chunk as an element of an array of its own.
     */
    private static final String BYTES = MediaType.APPLICATION_OCTET_STREAM;

    private final Distributions distributions;
    private final DistributionLimits limits;
    private final ObjectIds ids;
    private final CallerSlots longOnes;
    private final CallerSlots shortOnes = new CallerSlots(SHORT_AT_ONCE);

    DistributionResource(Distributions distributions, DistributionLimits limits, ObjectIds ids) {
        this.distributions = distributions;
        this.limits = limits;
        this.ids = ids;
        this.longOnes = new CallerSlots(limits.reportsAtOnce());
    }

    /** The reports to send, and their entity tag. */
    private record Found(List<Report> reports, String tag, boolean known) {}

    private record Reporting(Caller caller, String file, String provider, Precondition condition) {}

    @GET
    @Produces(BYTES)
    public RestMulti<byte[]> all(@PathParam("id") String id, @Context RoutingContext context) {
        String file = file(context);
        Caller caller = CurrentCaller.confirmed(context);
        Uni<Found> found = distributions.reports(caller, file).map(reports -> {
            if (reports.isEmpty()) {
                throw new DistributionProblemException(DistributionProblem.NOT_FOUND);
            }
            String tag = tag(reports);
            return new Found(reports, "W/\"" + tag + "\"", PreconditionHeaders.isKnown(context, tag));
        });
        return RestMulti.fromUniResponse(
                found,
                what -> what.known()
                        ? ReportWriter.none()
                        : answered(context, ReportWriter.all(distributions, caller, file, what.reports())),
                DistributionResource::headers,
                DistributionResource::status);
    }

    @GET
    @Path("/{providerId}")
    @Produces(BYTES)
    public RestMulti<byte[]> one(
            @PathParam("id") String id, @PathParam("providerId") String providerId, @Context RoutingContext context) {
        String file = file(context);
        Caller caller = CurrentCaller.confirmed(context);
        Uni<Found> found = distributions.report(caller, file, provider(context)).map(report -> {
            Report there = report.orElseThrow(() -> new DistributionProblemException(DistributionProblem.NOT_FOUND));
            return new Found(
                    List.of(there), quoted(there.revision()), PreconditionHeaders.isKnown(context, there.revision()));
        });
        return RestMulti.fromUniResponse(
                found,
                what -> what.known()
                        ? ReportWriter.none()
                        : answered(
                                context,
                                ReportWriter.one(
                                        distributions,
                                        caller,
                                        file,
                                        what.reports().getFirst())),
                DistributionResource::headers,
                DistributionResource::status);
    }

    @PUT
    @Cancellable(false)
    @Path("/{providerId}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Blocking
    public Uni<Response> put(
            @PathParam("id") String id,
            @PathParam("providerId") String providerId,
            InputStream body,
            @Context RoutingContext context) {
        Reporting by = reporting(context);
        return turn(context, isLong(context) ? longOnes : shortOnes, () -> {
            BlockSet blocks = ReportParser.report(body, limits, ReportParser.Deadline.in(limits.reportTime()));
            return distributions.replace(by.caller(), by.file(), by.provider(), blocks, by.condition());
        });
    }

    @PATCH
    @Cancellable(false)
    @Path("/{providerId}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> patch(
            @PathParam("id") String id,
            @PathParam("providerId") String providerId,
            byte @Nullable [] body,
            @Context RoutingContext context) {
        Reporting by = reporting(context);
        ReportParser.Patch patch =
                ReportParser.patch(new ByteArrayInputStream(body == null ? new byte[0] : body), limits);
        return distributions
                .patch(by.caller(), by.file(), by.provider(), patch.removed(), patch.added(), by.condition())
                .map(change -> answer(change, 204));
    }

    @DELETE
    @Cancellable(false)
    @Path("/{providerId}")
    public Uni<Response> delete(
            @PathParam("id") String id, @PathParam("providerId") String providerId, @Context RoutingContext context) {
        Reporting by = reporting(context);
        return distributions
                .withdraw(by.caller(), by.file(), by.provider(), by.condition())
                .map(change -> change instanceof ReportChange.Done
                        ? Response.noContent().build()
                        : answer(change, 204));
    }

    /** The framework would answer 200. What a browser asks beforehand has been answered long before. */
    @OPTIONS
    public Response options() {
        throw new DistributionProblemException(DistributionProblem.ofStatus(405));
    }

    @OPTIONS
    @Path("/{providerId}")
    public Response optionsOfOne() {
        throw new DistributionProblemException(DistributionProblem.ofStatus(405));
    }

    /** The parts of a change that are checked before its body is read. */
    private Reporting reporting(RoutingContext context) {
        String file = file(context);
        String provider = provider(context);
        Caller caller = CurrentCaller.confirmed(context);
        distributions.requireReport(caller, provider);
        return new Reporting(caller, file, provider, PreconditionHeaders.ofChange(context));
    }

    /** A long report in memory takes 16 bytes for each of its ranges, up to some 20 MB: few at once. */
    private Uni<Response> turn(RoutingContext context, CallerSlots places, Supplier<Uni<ReportChange>> work) {
        String principal = CurrentCaller.confirmed(context).principal();
        if (!places.tryEnter(principal)) {
            throw new DistributionProblemException(DistributionProblem.BUSY);
        }
        return Uni.createFrom()
                .deferred(work::get)
                .onTermination()
                .invoke(() -> places.leave(principal))
                .map(change -> answer(change, 201));
    }

    /** Also when it does not say. */
    private boolean isLong(RoutingContext context) {
        @Nullable String length = context.request().getHeader("Content-Length");
        return length == null || length.length() > 18 || Long.parseLong(length) > DistributionLimits.PATCH_BYTES;
    }

    /** Ends an answer whose client stops reading. A read that comes too late fails by itself, but such a client sends none. */
    private Multi<byte[]> answered(RoutingContext context, Multi<byte[]> blocks) {
        Vertx vertx = context.vertx();
        long timer = vertx.setTimer(
                limits.readTime().toMillis() + 1_000,
                // Over HTTP/2 that ends the answer alone, over HTTP/1 its connection.
                late -> context.response().reset());
        context.addEndHandler(ended -> vertx.cancelTimer(timer));
        return blocks;
    }

    private static Response answer(ReportChange change, int statusOfCreation) {
        return switch (change) {
            case ReportChange.Done(String revision, boolean created) ->
                Response.status(created ? statusOfCreation : 204)
                        .header("ETag", quoted(revision))
                        .build();
            case ReportChange.Mismatch() -> throw new DistributionProblemException(DistributionProblem.MISMATCH);
            case ReportChange.NoSuchReport() -> throw new DistributionProblemException(DistributionProblem.NOT_FOUND);
            case ReportChange.TooManyBlocks(int limit) ->
                throw new DistributionProblemException(
                        DistributionProblem.limit("The report would have more than " + limit + " blocks."));
            case ReportChange.TooManyReports(int limit) ->
                throw new DistributionProblemException(
                        DistributionProblem.limit("The file has reports of " + limit + " providers already."));
        };
    }

    private String file(RoutingContext context) {
        return ids.fileOf(PathSegments.segment(context, ID));
    }

    private static String provider(RoutingContext context) {
        return ReportParser.name("providerId", PathSegments.segment(context, PROVIDER), MAX_PROVIDER);
    }

    private static Map<String, List<String>> headers(Found found) {
        return Map.of("ETag", List.of(found.tag()));
    }

    private static int status(Found found) {
        return found.known() ? 304 : 200;
    }

    private static String quoted(String revision) {
        return '"' + revision + '"';
    }

    /** Changes with every report that comes, changes or goes. */
    private static String tag(List<Report> reports) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Report report : reports) {
                digest.update((report.provider() + '\t' + report.revision() + '\t').getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
