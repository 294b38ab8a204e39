package io.lockgate.http;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.resteasy.reactive.server.core.CurrentRequestManager;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.handlers.ClassRoutingHandler;
import org.jboss.resteasy.reactive.server.handlers.RestInitialHandler.InitialMatch;
import org.jboss.resteasy.reactive.server.mapping.RequestMapper;
import org.jboss.resteasy.reactive.server.mapping.RequestMapper.RequestMatch;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.spi.ServerRestHandler;
import org.jspecify.annotations.Nullable;

/**
 * The methods that the path of the current request takes. A 405 must name them (RFC 9110, 15.5.6), and Quarkus REST
 * 3.34 does not; it knows them only in its routing tables, which are internal and may move with an upgrade.
 */
public final class AllowedMethods {
    private AllowedMethods() {}

    /** As in an {@code Allow} header; empty when there is no current request or nothing takes its path. */
    public static String ofCurrentRequest() {
        @Nullable ResteasyReactiveRequestContext context = CurrentRequestManager.get();
        return context == null ? "" : String.join(", ", of(context));
    }

    private static Set<String> of(ResteasyReactiveRequestContext context) {
        Set<String> allowed = new TreeSet<>();
        @Nullable RequestMatch<InitialMatch> match =
                new RequestMapper<>(context.getDeployment().getClassMappers()).map(context.getPathWithoutPrefix());
        if (match == null) {
            return allowed;
        }
        String remaining = match.remaining.isEmpty() ? "/" : match.remaining;
        for (ServerRestHandler handler : match.value.handlers) {
            if (handler instanceof ClassRoutingHandler routing) {
                for (Map.Entry<String, RequestMapper<RuntimeResource>> method :
                        routing.getMappers().entrySet()) {
                    if (method.getKey() != null && method.getValue().map(remaining) != null) {
                        allowed.add(method.getKey());
                    }
                }
            }
        }
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        return allowed;
    }
}
