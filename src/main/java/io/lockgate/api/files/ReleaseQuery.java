package io.lockgate.api.files;

import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** The parameters of a release by range. */
public class ReleaseQuery {
    @QueryParam("offset")
    @Parameter(description = "First byte, unsigned 64-bit in decimal.", example = "0", required = true)
    @Nullable String offset;

    @QueryParam("size")
    @Parameter(
            description =
                    "Length in bytes, unsigned 64-bit in decimal. 0: in nlm and nfs4 to 2^64-1, in smb the zero-length"
                            + " range.",
            example = "4096",
            required = true)
    @Nullable String size;

    @QueryParam("owner_id")
    @Parameter(description = "The owner_id of the grant.", example = "0a1b", required = true)
    @Nullable String ownerId;

    @QueryParam("owner_name")
    @Parameter(
            description = "Only for that machine name; absent: for every one under the owner_id.",
            example = "client-7")
    @Nullable String ownerName;

    @QueryParam("stream_id")
    @Parameter(description = "Stream of the file; default 1.", example = "1")
    @Nullable String streamId;

    @QueryParam("snapshot")
    @Parameter(description = "Snapshot in decimal; absent, empty and 0 are the head version.", example = "17")
    @Nullable String snapshot;

    @QueryParam("any_owner")
    @Parameter(
            description = "true: for every principal. Needs PRIVILEGE_FS_LOCK_WRITE and is audited; a caller who"
                    + " holds only that"
                    + " permission need not say it.",
            example = "false",
            schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
    @Nullable String anyOwner;
}
