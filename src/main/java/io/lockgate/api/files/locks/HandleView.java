package io.lockgate.api.files.locks;

import io.lockgate.api.files.locks.HandleJson.HandleBody;
import io.lockgate.api.files.locks.HandleJson.HandleInfo;
import io.lockgate.file.FilePath;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.OpenHandles.ListedOpen;
import java.util.ArrayList;
import java.util.List;

/** Shows an open as a lock manager reads it: what it does as a mask, what it denies not at all. */
final class HandleView {
    /** Of the entry, not of the file; opens are told from each other by their location. */
    private static final long VERSION = 1;

    private HandleView() {}

    static HandleBody show(ListedOpen handle) {
        return new HandleBody(
                Long.toUnsignedString(handle.open().space().fileId()),
                new HandleInfo(
                        handle.open().id().toString(),
                        VERSION,
                        handle.ranges(),
                        mask(handle.open().modes()),
                        handle.open().owner().principal(),
                        handle.path().map(FilePath::text).orElse("")));
    }

    private static List<String> mask(LockModes modes) {
        List<String> mask = new ArrayList<>(3);
        if (modes.contains(LockMode.READ)) {
            mask.add("MS_ACCESS_FILE_READ_DATA");
        }
        if (modes.contains(LockMode.WRITE)) {
            mask.add("MS_ACCESS_FILE_WRITE_DATA");
        }
        if (modes.contains(LockMode.DELETE)) {
            mask.add("MS_ACCESS_DELETE");
        }
        return mask;
    }
}
