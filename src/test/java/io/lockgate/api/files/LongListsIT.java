package io.lockgate.api.files;

import io.lockgate.testing.Servers;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.net.URI;
import org.junit.jupiter.api.Tag;

/** The same against what is shipped. */
@QuarkusIntegrationTest
@Tag("smoke")
class LongListsIT extends LongListsTest {
    @Override
    URI metrics() {
        return Servers.packagedManagement().resolve("metrics");
    }
}
