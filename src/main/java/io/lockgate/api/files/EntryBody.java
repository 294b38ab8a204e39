package io.lockgate.api.files;

import org.jspecify.annotations.Nullable;

/** An entry to register. */
record EntryBody(@Nullable String name, @Nullable String action) implements JsonBody {}
