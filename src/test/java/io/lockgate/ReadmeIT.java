package io.lockgate;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same against what is shipped. */
@QuarkusIntegrationTest
class ReadmeIT extends ReadmeTest {}
