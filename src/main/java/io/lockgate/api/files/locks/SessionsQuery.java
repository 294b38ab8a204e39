package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a list of sessions. */
public class SessionsQuery extends PageQuery {
    @QueryParam("owner_name")
    @Nullable String ownerName;

    @QueryParam("mine")
    @Nullable String mine;

    @Override
    ListQuery asList() {
        ListQuery list = super.asList();
        list.ownerName = ownerName;
        list.mine = mine;
        return list;
    }
}
