package io.lockgate.api.files;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Several releases and locks of one file. */
record BatchBody(
        @Schema(description = "Locks to take, all or nothing.") @Nullable List<@Nullable LockBody> locks,

        @Schema(description = "Ranges to free, in nlm and nfs4 before the locks are taken; of the caller's own owners.")
        @Nullable List<@Nullable UnlockBody> unlocks)
        implements JsonBody {}
