package io.lockgate.api.files.dns;

import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.StringsBody;
import io.lockgate.api.files.dns.DnsJson.HostBody;
import io.lockgate.api.files.dns.DnsJson.HostsBody;
import io.lockgate.hostname.HostName;
import io.lockgate.hostname.ReverseDns;
import io.lockgate.http.CurrentCaller;
import io.lockgate.http.connection.IpAddress;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Names of the addresses that stand in grants. */
@Path("/v1/dns")
@Produces(MediaType.APPLICATION_JSON)
public class DnsResource {
    private final ReverseDns dns;
    private final FilesLimits limits;

    DnsResource(ReverseDns dns, FilesLimits limits) {
        this.dns = dns;
        this.limits = limits;
    }

    @POST
    @Cancellable(true)
    @Path("/resolve-ips-to-names")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> resolve(StringsBody body, @Context RoutingContext context) {
        LockRights.everywhere(CurrentCaller.of(context)).requireAny();
        List<String> asked = body.items(limits.resolveLimit());
        Set<String> addresses = new LinkedHashSet<>();
        asked.forEach(text -> IpAddress.canonical(text).ifPresent(addresses::add));
        return dns.lookUp(addresses).map(found -> FilesReplies.ok(rows(asked, found)));
    }

    @POST
    @Cancellable(true)
    @Path("/resolve")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> resolveByOldName(StringsBody body, @Context RoutingContext context) {
        return resolve(body, context);
    }

    /**
     * A row for each text, in the order asked. Two spellings of one address are one look-up; a text that is no address
     * is an error.
     */
    private static HostsBody rows(List<String> asked, Map<String, HostName> found) {
        List<HostBody> rows = new ArrayList<>(asked.size());
        for (String text : asked) {
            Optional<String> address = IpAddress.canonical(text);
            HostName name = address.<HostName>map(
                            one -> Objects.requireNonNullElseGet(found.get(one), HostName.TimedOut::new))
                    .orElseGet(HostName.Failed::new);
            rows.add(row(text, name));
        }
        return new HostsBody(rows);
    }

    private static HostBody row(String asked, HostName name) {
        return switch (name) {
            case HostName.Found(String text) -> new HostBody(asked, text, "OK");
            case HostName.None() -> new HostBody(asked, "", "NOT_FOUND");
            case HostName.TimedOut() -> new HostBody(asked, "", "TIMEOUT");
            case HostName.Failed() -> new HostBody(asked, "", "ERROR");
        };
    }
}
