package io.lockgate.api.files;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/** The same document, from what is shipped. */
@QuarkusIntegrationTest
class OpenApiIT extends OpenApiTest {}
