package io.lockgate.api.files;

import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** The parameters of every list. An empty filter is none, because old clients send one for a value they do not have. */
public class ListQuery {
    @QueryParam("limit")
    @Parameter(
            description = "Rows of this page, 1 to 10,000; more is 10,000. A shorter page is the last one.",
            example = "1000",
            schema = @Schema(type = SchemaType.INTEGER, minimum = "1", defaultValue = "1000"))
    @Nullable String limit;

    @QueryParam("after")
    @Parameter(description = "Key from paging.next: rows after it.", example = "MDo6ZDRkYjU5Mjc")
    @Nullable String after;

    @QueryParam("owner_name")
    @Parameter(description = "Only locks of that machine.", example = "client-7")
    @Nullable String ownerName;

    @QueryParam("owner_address")
    @Parameter(description = "Only locks taken from that IP address, however it is spelled.", example = "10.0.0.7")
    @Nullable String ownerAddress;

    @QueryParam("owner_id")
    @Parameter(description = "Only locks of that process or handle.", example = "0a1b")
    @Nullable String ownerId;

    @QueryParam("mine")
    @Parameter(
            description = "true: only the caller's own locks, which needs no permission to read others'.",
            example = "true",
            schema = @Schema(type = SchemaType.BOOLEAN))
    @Nullable String mine;
}
