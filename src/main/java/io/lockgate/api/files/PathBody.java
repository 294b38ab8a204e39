package io.lockgate.api.files;

/** The path of an id. */
record PathBody(String id, String path) implements JsonBody {}
