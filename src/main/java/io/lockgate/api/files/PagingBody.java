package io.lockgate.api.files;

/** Where the next page is. */
record PagingBody(String next) implements JsonBody {}
