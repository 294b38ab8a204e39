package io.lockgate.api.files;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** Successes of this API. */
public final class FilesReplies {
    private FilesReplies() {}

    public static Response ok(JsonBody body) {
        return Response.ok(body).build();
    }

    public static Response created(JsonBody body) {
        return Response.status(Response.Status.CREATED).entity(body).build();
    }

    /**
     * What was asked for will be done later.
     *
     * @param location path at which it can be asked for
     */
    public static Response accepted(JsonBody body, String location) {
        return Response.status(Response.Status.ACCEPTED)
                .entity(body)
                .header(HttpHeaders.LOCATION, location)
                .build();
    }

    /**
     * An empty success is 200, not 204, and says {@code Content-Length: 0}: old clients need both (docs/api-files.md,
     * "Headers").
     */
    public static Response empty() {
        return Response.ok().build();
    }
}
