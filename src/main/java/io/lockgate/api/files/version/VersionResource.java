package io.lockgate.api.files.version;

import io.lockgate.api.files.FilesReplies;
import io.lockgate.api.files.GatewayInfo;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** The version of the gateway. Old clients ask for it twice before anything else, to see whether connections stay open. */
@Path("/v1/version")
@Produces(MediaType.APPLICATION_JSON)
public class VersionResource {
    private final VersionBody version;

    VersionResource(GatewayInfo node) {
        // Clients take what stands after the last space for the version, and compare it as numbers.
        String plain = node.version().replace("-SNAPSHOT", "");
        String flavor = plain.equals(node.version()) ? "release" : "debug";
        this.version = new VersionBody("Lockgate " + plain, node.buildId(), flavor, node.buildDate());
    }

    @GET
    public Uni<Response> version() {
        return Uni.createFrom().item(() -> FilesReplies.ok(version));
    }
}
