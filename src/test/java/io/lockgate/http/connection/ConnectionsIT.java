package io.lockgate.http.connection;

import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;

/** The same, by what is shipped. */
@QuarkusIntegrationTest
@QuarkusTestResource(Servers.class)
@TestProfile(ConnectionsTest.ShortDeadlines.class)
class ConnectionsIT extends ConnectionsTest {
    @Override
    boolean isHere() {
        return false;
    }

    @Override
    URI management() {
        return Servers.packagedManagement();
    }
}
