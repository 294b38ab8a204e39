package io.lockgate.api.files;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A page of requests that wait; nobody waits yet. */
record WaitersPage(
        @Schema(description = "In the order in which they will be served.", required = true)
        List<GrantBody> waiters,

        @Schema(description = "Where to go on.", required = true)
        PagingBody paging)
        implements JsonBody {}
