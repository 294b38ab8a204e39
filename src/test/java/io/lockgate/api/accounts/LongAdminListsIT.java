package io.lockgate.api.accounts;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.Tag;

/** The same against what is shipped. */
@QuarkusIntegrationTest
@Tag("smoke")
class LongAdminListsIT extends LongAdminListsTest {}
