package io.lockgate.api.files.locks;

import jakarta.ws.rs.QueryParam;
import org.jspecify.annotations.Nullable;

/** The parameters of a list of one file. */
public class FileListQuery extends ListQuery {
    @QueryParam("snapshot")
    @Nullable String snapshot;
}
