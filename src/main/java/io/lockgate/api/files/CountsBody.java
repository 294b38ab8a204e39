package io.lockgate.api.files;

import java.util.List;

/** Counts instead of rows. */
record CountsBody(String by, List<CountBody> counts) implements JsonBody {}
