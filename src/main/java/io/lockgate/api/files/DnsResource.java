package io.lockgate.api.files;

import io.lockgate.http.CurrentCaller;
import io.lockgate.range.LockRights;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Names of the addresses that stand in grants. */
@Path("/v1/dns")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "names")
public class DnsResource {
    private final ReverseDnsLookup names;
    private final FilesLimits limits;

    DnsResource(ReverseDnsLookup names, FilesLimits limits) {
        this.names = names;
        this.limits = limits;
    }

    @POST
    @Cancellable(true)
    @Path("/resolve-ips-to-names")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "resolveNames", summary = "Resolve IP addresses to host names.")
    @RequestBody(
            description = "IP addresses, at most 1,000. What is none is told as ERROR.",
            required = true,
            content = @Content(schema = @Schema(implementation = String[].class, examples = "[\"10.0.0.7\"]")))
    @APIResponse(
            responseCode = "200",
            description = "One row for each address asked, in the order asked.",
            content = @Content(schema = @Schema(implementation = HostBody[].class)))
    public Uni<Response> resolve(StringsBody body, @Context RoutingContext exchange) {
        FilesResource.requireAny(LockRights.everywhere(CurrentCaller.of(exchange)));
        FilesResource.requireFew(body.items(), limits.resolveLimit());
        List<String> addresses = new ArrayList<>(body.items().size());
        for (int i = 0; i < body.items().size(); i++) {
            addresses.add(LockRequestParser.element("", body.items(), i));
        }
        return names.resolve(addresses).map(hosts -> FilesAnswers.ok(new HostsBody(hosts)));
    }

    @POST
    @Cancellable(true)
    @Path("/resolve")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public Uni<Response> resolveByOldName(StringsBody body, @Context RoutingContext exchange) {
        return resolve(body, exchange);
    }
}
