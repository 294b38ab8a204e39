package io.lockgate.api.files;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same refusals, by what is shipped. */
@QuarkusIntegrationTest
class BadInputIT extends BadInputTest {}
