package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a list without filters. */
public class PageQuery {
    @QueryParam("limit")
    @Nullable String limit;

    @QueryParam("after")
    @Nullable String after;

    /** The same for a list that could have filters. */
    ListQuery asList() {
        ListQuery list = new ListQuery();
        list.limit = limit;
        list.after = after;
        return list;
    }
}
