package io.lockgate.testing.redis;

import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One address that leads to one server and later to another, as a Kubernetes service does: connections that are open
 * stay where they are, new ones go to the new server.
 */
public final class SwitchingProxy extends RedisProxy {
    private final AtomicInteger connections = new AtomicInteger();

    public SwitchingProxy(URI server) {
        super(server);
    }

    /** How many connections there have been. */
    public int connections() {
        return connections.get();
    }

    @Override
    protected void accepted() {
        connections.incrementAndGet();
    }
}
