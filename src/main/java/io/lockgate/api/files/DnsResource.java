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
import org.jboss.resteasy.reactive.server.Cancellable;

/** Names of the addresses that stand in grants. */
@Path("/v1/dns")
@Produces(MediaType.APPLICATION_JSON)
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
    public Uni<Response> resolveByOldName(StringsBody body, @Context RoutingContext exchange) {
        return resolve(body, exchange);
    }
}
