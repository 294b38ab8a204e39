package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** Names of addresses, one for each asked, in the order asked: an array without an object around it. */
record HostsBody(@JsonValue List<HostBody> hosts) implements JsonBody {}
