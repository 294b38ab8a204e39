package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of every list. An empty filter is none, because old clients send one for a value they do not have. */
public class ListQuery {
    @QueryParam("limit")
    @Nullable String limit;

    @QueryParam("after")
    @Nullable String after;

    @QueryParam("owner_name")
    @Nullable String ownerName;

    @QueryParam("owner_address")
    @Nullable String ownerAddress;

    @QueryParam("owner_id")
    @Nullable String ownerId;

    @QueryParam("mine")
    @Nullable String mine;
}
