package io.lockgate.api.files;

import java.util.List;

/** What stands in the way of a test. */
record BlockersBody(List<GrantBody> grants) implements JsonBody {}
