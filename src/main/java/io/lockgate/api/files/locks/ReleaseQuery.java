package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesRequest;
import io.lockgate.http.ProblemException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a release by range. */
public class ReleaseQuery {
    static final String RETURN = "return";

    @QueryParam("offset")
    @Nullable String offset;

    @QueryParam("size")
    @Nullable String size;

    @QueryParam("owner_id")
    @Nullable String ownerId;

    @QueryParam("owner_name")
    @Nullable String ownerName;

    @QueryParam("stream_id")
    @Nullable String streamId;

    @QueryParam("snapshot")
    @Nullable String snapshot;

    @QueryParam("any_owner")
    @Nullable String anyOwner;

    @QueryParam(RETURN)
    @Nullable String answer;

    /** Makes parameters that were sent empty so again ({@link FilesRequest#asSent}). */
    ReleaseQuery asSent(RoutingContext context) {
        ownerId = FilesRequest.asSent(context, "owner_id", ownerId);
        ownerName = FilesRequest.asSent(context, "owner_name", ownerName);
        streamId = FilesRequest.asSent(context, "stream_id", streamId);
        offset = FilesRequest.asSent(context, "offset", offset);
        size = FilesRequest.asSent(context, "size", size);
        return this;
    }

    /**
     * Whether a release is to be answered with what is left of the grants that it has cut, and not with nothing as in
     * the published API.
     */
    static boolean returnsGrants(@Nullable String text) {
        return switch (text) {
            case null -> false;
            case "grants" -> true;
            default -> throw ProblemException.field(RETURN, "is not grants");
        };
    }
}
