package io.lockgate.redis;

import io.lockgate.testing.Servers;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.net.URI;
import org.junit.jupiter.api.Tag;

/** The same, from what is shipped. */
@QuarkusIntegrationTest
@Tag("smoke")
class AnotherServerGatewayIT extends AnotherServerGatewayTest {
    @Override
    URI management() {
        return Servers.packagedManagement();
    }
}
