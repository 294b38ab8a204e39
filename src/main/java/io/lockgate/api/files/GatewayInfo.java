package io.lockgate.api.files;

import java.util.Optional;

/**
 * What this gateway calls itself in {@code node_address}, {@code node_id} and {@code /v1/version}.
 *
 * @param address IP address, or empty for the local address of the connection that brought the request
 * @param id number of this node among its replicas
 * @param version version of the gateway
 * @param buildId what was built, as exactly as the build says it
 * @param buildDate when it was built, ISO 8601
 */
public record GatewayInfo(Optional<String> address, long id, String version, String buildId, String buildDate) {}
