package io.lockgate.api.files;

/** Limits of the files API. The settings {@code lockgate.files.*} implement it. */
public interface FilesLimits {
    /** Rows of a page when the client asks for no number. */
    int pageDefault();

    /** Rows of a page at most; a greater number is this many. */
    int pageMax();

    /** Longest request body in bytes. */
    int bodyLimit();

    /** Ranges of one batch, locks and unlocks together; opens of one close. */
    int batchLimit();

    /** Ids or addresses of one resolve call. */
    int resolveLimit();
}
