package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** Names: an array without an object around it. */
record NamesBody(@JsonValue List<String> names) implements JsonBody {}
