package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** Paths of ids, one for each asked, in the order asked: an array without an object around it. */
record PathsBody(@JsonValue List<PathBody> paths) implements JsonBody {}
