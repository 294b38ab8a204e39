package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The name of an address. */
record HostBody(@JsonProperty("ip_address") String ipAddress, String hostname, String result) implements JsonBody {}
