package io.lockgate.door.distribution;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same against what is shipped. */
@QuarkusIntegrationTest
class DistributionDoorIT extends DistributionDoorTest {}
