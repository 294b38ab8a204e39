package io.lockgate.api.files;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A page of grants. */
record GrantsPage(
        @Schema(description = "Fewer than the limit only when there are no more.", required = true)
        List<GrantBody> grants,

        @Schema(description = "Where to go on.", required = true)
        PagingBody paging)
        implements JsonBody {}
