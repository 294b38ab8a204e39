package io.lockgate.api.files;

import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** The parameters of a list of one file. */
public class FileListQuery extends ListQuery {
    @QueryParam("snapshot")
    @Parameter(description = "Snapshot in decimal; absent, empty and 0 are the head version.", example = "17")
    @Nullable String snapshot;
}
