package io.lockgate.door;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same against what is shipped. */
@QuarkusIntegrationTest
class RepeatedIT extends RepeatedTest {}
