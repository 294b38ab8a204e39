package io.lockgate.api.files;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.Tag;

/** The same promises, kept by what is shipped. */
@QuarkusIntegrationTest
@Tag("smoke")
class BreaksIT extends BreaksTest {}
