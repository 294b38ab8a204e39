package io.lockgate.app.settings;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** Address, id and build of this gateway, as it tells them to clients. */
@ConfigMapping(prefix = "lockgate.node")
@RegisterForReflection
public interface NodeSettings {
    /**
     * IP address shown as {@code node_address} with each lock that was acquired here. Default: the local address of the
     * connection that brought the request, which behind a load balancer may be one that clients cannot reach.
     */
    Optional<String> address();

    /** Number shown as {@code node_id}, to tell replicas apart. */
    @WithDefault("1")
    @Within(min = 1, max = 9_007_199_254_740_991L)
    long id();

    /** The build, shown as {@code build_id}: a commit, for example. */
    @WithDefault("unknown")
    String buildId();

    /** The time of the build, shown as {@code build_date}, ISO 8601. */
    @WithDefault("unknown")
    String buildDate();
}
