package io.lockgate.range;

/**
 * Where locks can meet: one stream of one version of one file. Locks in different spaces never conflict.
 *
 * @param fileId unsigned 64-bit file id
 * @param snapshotId decimal snapshot id, empty for the head version
 * @param streamId opaque stream id, no control characters
 */
public record LockSpace(long fileId, String snapshotId, String streamId) {
    /** The stream that a request without {@code stream_id} means. */
    public static final String DEFAULT_STREAM = "1";
    /** The snapshot id of the head version. */
    public static final String HEAD = "";

    public static LockSpace head(long fileId) {
        return new LockSpace(fileId, HEAD, DEFAULT_STREAM);
    }

    /** For the audit trail; the stream stands last, because its id is any text. */
    @Override
    public String toString() {
        return "file " + Long.toUnsignedString(fileId)
                + (snapshotId.isEmpty() ? "" : " snapshot " + snapshotId)
                + " stream " + streamId;
    }
}
