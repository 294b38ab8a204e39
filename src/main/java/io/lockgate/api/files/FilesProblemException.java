package io.lockgate.api.files;

import io.lockgate.file.FileRef;

/** A request that this API cannot take, with the error that says so. Not a fault of the gateway, so without a stack. */
public final class FilesProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FilesError error;

    public FilesProblemException(FilesError error, String description) {
        super(description, null, false, false);
        this.error = error;
    }

    /** {@code feature} belongs to the API, but a later version brings it. */
    public static FilesProblemException notOffered(String feature) {
        return new FilesProblemException(FilesError.NOT_OFFERED, feature + " is not offered by this version");
    }

    /** Nothing is registered as {@code file}. */
    public static FilesProblemException unknownFile(FileRef file) {
        return switch (file) {
            case FileRef.ById id -> new FilesProblemException(FilesError.NO_SUCH_INODE, "no file has the id " + id);
            case FileRef.ByPath path ->
                new FilesProblemException(FilesError.NO_SUCH_ENTRY, "no file is known as " + path);
        };
    }

    public FilesError error() {
        return error;
    }

    public String description() {
        return String.valueOf(getMessage());
    }
}
