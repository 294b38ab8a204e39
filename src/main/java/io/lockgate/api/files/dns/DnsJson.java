package io.lockgate.api.files.dns;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.lockgate.api.files.JsonBody;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/** Bodies of reverse look-ups. Jackson reads and writes them by reflection, which a native image must be told. */
@RegisterForReflection
public final class DnsJson {
    private DnsJson() {}

    /** Names of addresses, one for each asked, in the order asked: an array without an object around it. */
    record HostsBody(@JsonValue List<HostBody> hosts) implements JsonBody {}

    /** The name of an address. */
    record HostBody(@JsonProperty("ip_address") String ipAddress, String hostname, String result) implements JsonBody {}
}
