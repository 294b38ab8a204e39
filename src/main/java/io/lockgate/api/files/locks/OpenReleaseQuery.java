package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a release of opens. */
public class OpenReleaseQuery {
    @QueryParam("owner_id")
    @Nullable String ownerId;

    @QueryParam("grant_id")
    @Nullable String grantId;

    @QueryParam("stream_id")
    @Nullable String streamId;

    @QueryParam("snapshot")
    @Nullable String snapshot;

    @QueryParam("any_owner")
    @Nullable String anyOwner;

    @QueryParam(ReleaseQuery.RETURN)
    @Nullable String answer;

    /** Makes parameters that were sent empty so again ({@link FilesRequest#asSent}). */
    OpenReleaseQuery asSent(RoutingContext context) {
        ownerId = FilesRequest.asSent(context, "owner_id", ownerId);
        grantId = FilesRequest.asSent(context, "grant_id", grantId);
        streamId = FilesRequest.asSent(context, "stream_id", streamId);
        return this;
    }
}
