package io.lockgate.api.files;

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
     * An empty success is 200, not 204, and says {@code Content-Length: 0}: old clients need both (docs/api-files.md,
     * "Headers").
     */
    public static Response empty() {
        return Response.ok().build();
    }
}
