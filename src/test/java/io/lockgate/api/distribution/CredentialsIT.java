package io.lockgate.api.distribution;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same against what is shipped. */
@QuarkusIntegrationTest
class CredentialsIT extends CredentialsTest {}
