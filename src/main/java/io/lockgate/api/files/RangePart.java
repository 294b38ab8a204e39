package io.lockgate.api.files;

/** A part of a range. */
record RangePart(String offset, String size) implements JsonBody {}
