package io.lockgate.http;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same against what is shipped. */
@QuarkusIntegrationTest
class CrossSiteIT extends CrossSiteTest {}
