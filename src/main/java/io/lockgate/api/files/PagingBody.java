package io.lockgate.api.files;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Where the next page is. */
record PagingBody(
        @Schema(
                description =
                        "Path and query of the next page, to be asked for as it is; present on the last page too.",
                examples = "/v1/files/locks/nlm/byte-range/?limit=1000&owner_name=client-7&after=MDpr",
                required = true)
        String next)
        implements JsonBody {}
