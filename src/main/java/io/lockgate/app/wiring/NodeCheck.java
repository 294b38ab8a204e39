package io.lockgate.app.wiring;

import io.lockgate.app.settings.NodeSettings;
import io.lockgate.app.start.StartupCheck;
import io.lockgate.http.connection.IpAddress;
import jakarta.inject.Singleton;
import java.util.List;

/** Whether the address that clients are shown is one. */
@Singleton
final class NodeCheck implements StartupCheck {
    private final NodeSettings settings;

    NodeCheck(NodeSettings settings) {
        this.settings = settings;
    }

    @Override
    public List<String> faults() {
        return settings.address()
                .filter(address -> IpAddress.canonical(address).isEmpty())
                .map(address -> List.of("lockgate.node.address is '" + address + "', but must be an IP address"))
                .orElse(List.of());
    }
}
