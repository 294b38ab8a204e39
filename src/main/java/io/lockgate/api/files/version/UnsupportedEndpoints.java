package io.lockgate.api.files.version;

import io.lockgate.api.files.FilesProblemException;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.Cancellable;

/** Endpoints of the API that a later version brings: they say so, in place of a 404 that reads like a typing error. */
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
public class UnsupportedEndpoints {
    @POST
    @Cancellable(false)
    @Path("/locks/{protocol}/grants/{grant_id}/break")
    public Uni<Response> breakGrant() {
        throw FilesProblemException.notOffered("break");
    }
}
