package io.lockgate.hostname;

import io.smallrye.mutiny.Uni;
import java.util.Map;
import java.util.Set;

/** The port for reverse look-ups of IP addresses. */
public interface ReverseDns {
    /**
     * Looks up the names of {@code addresses}, within a bounded time.
     *
     * @param addresses in canonical text
     * @return never fails; an address that is not in the map was not looked up in time
     */
    Uni<Map<String, HostName>> lookUp(Set<String> addresses);
}
