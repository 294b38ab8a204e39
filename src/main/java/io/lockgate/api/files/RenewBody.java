package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/** A renewal. */
record RenewBody(@JsonProperty("lease_ms") @Nullable Long leaseMs) implements JsonBody {}
