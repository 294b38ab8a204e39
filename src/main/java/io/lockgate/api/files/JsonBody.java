package io.lockgate.api.files;

/** Marks the JSON bodies of this API, read by {@link JsonBodyReader} and written by {@link JsonBodyWriter}. */
public interface JsonBody {}
