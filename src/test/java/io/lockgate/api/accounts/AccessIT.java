package io.lockgate.api.accounts;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same against what is shipped. */
@QuarkusIntegrationTest
class AccessIT extends AccessTest {}
