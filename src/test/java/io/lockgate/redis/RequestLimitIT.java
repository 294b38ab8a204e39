package io.lockgate.redis;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.Tag;

/** The same limits, by what is shipped. */
@QuarkusIntegrationTest
@Tag("smoke")
class RequestLimitIT extends RequestLimitTest {}
