package io.lockgate.api.files;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What is known of a file. The gateway knows names and locks, not contents. */
record AttributesBody(
        String id, @JsonProperty("file_number") String fileNumber, String path, String name, String type, String size)
        implements JsonBody {}
