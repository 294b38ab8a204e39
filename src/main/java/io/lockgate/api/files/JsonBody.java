package io.lockgate.api.files;

/** Marks what travels in a JSON body of this door, read by {@link JsonBodyReader} and written by {@link JsonBodyWriter}. */
interface JsonBody {}
