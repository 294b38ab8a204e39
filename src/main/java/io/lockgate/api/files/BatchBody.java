package io.lockgate.api.files;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several releases and locks of one file. */
record BatchBody(
        @Nullable List<@Nullable LockBody> locks, @Nullable List<@Nullable UnlockBody> unlocks) implements JsonBody {}
