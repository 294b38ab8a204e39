package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a stream of events. An empty filter is none, as in lists. */
public class EventsQuery {
    @QueryParam("file_id")
    @Nullable String fileId;

    @QueryParam("path")
    @Nullable String path;

    @QueryParam("snapshot")
    @Nullable String snapshot;

    @QueryParam("owner_name")
    @Nullable String ownerName;

    @QueryParam("owner_address")
    @Nullable String ownerAddress;

    @QueryParam("owner_id")
    @Nullable String ownerId;

    @QueryParam("session_id")
    @Nullable String sessionId;

    @QueryParam("mine")
    @Nullable String mine;
}
