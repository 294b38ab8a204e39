package io.lockgate.door.files;

import io.lockgate.door.Json;
import io.lockgate.door.UnreadableBodyException;

/** JSON as this door speaks it: {@link Json}, with this door's error for what cannot be read. */
final class WireJson {
    private WireJson() {}

    static byte[] write(Object body) {
        return Json.write(body);
    }

    /** Reads a whole body, or says in the client's terms why it cannot be read. */
    static <T> T read(byte[] body, Class<T> type) {
        try {
            return Json.read(body, type);
        } catch (UnreadableBodyException e) {
            throw new BadRequest(FilesError.DECODE, e.description());
        }
    }
}
