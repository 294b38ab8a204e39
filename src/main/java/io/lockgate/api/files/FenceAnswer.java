package io.lockgate.api.files;

import org.jspecify.annotations.Nullable;

/** Whether a token is still good. */
record FenceAnswer(Boolean valid, @Nullable GrantBody grant) implements JsonBody {}
