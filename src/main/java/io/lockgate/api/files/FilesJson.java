package io.lockgate.api.files;

import io.lockgate.http.Json;
import io.lockgate.http.UnreadableBodyException;

/** JSON of this API: {@link Json}, with this API's error for what cannot be read. */
public final class FilesJson {
    private FilesJson() {}

    public static byte[] write(Object body) {
        return Json.write(body);
    }

    /** Reads a whole body, or says in the client's terms why it cannot be read. */
    public static <T> T read(byte[] body, Class<T> type) {
        try {
            return Json.read(body, type);
        } catch (UnreadableBodyException e) {
            throw new FilesProblemException(FilesError.DECODE, e.description());
        }
    }
}
