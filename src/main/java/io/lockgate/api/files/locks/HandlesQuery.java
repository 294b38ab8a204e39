package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of the list of SMB handles. */
public class HandlesQuery extends PageQuery {
    @QueryParam("resolve_paths")
    @Nullable String resolvePaths;

    @QueryParam("file_number")
    @Nullable String fileNumber;
}
