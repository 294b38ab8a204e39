package io.lockgate.api.files;

import java.util.List;

/** What a batch did. */
record BatchDone(List<GrantBody> grants, Long released) implements JsonBody {}
