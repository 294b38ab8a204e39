package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a release by range. */
public class ReleaseQuery {
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
}
