package io.lockgate.api.files;

/** How many grants have one value of the property. */
record CountBody(String key, Long count) implements JsonBody {}
