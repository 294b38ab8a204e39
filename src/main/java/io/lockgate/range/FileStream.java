package io.lockgate.range;

/**
 * One stream of one version of a file whose id is not known yet: a {@link LockSpace} without the file.
 *
 * @param snapshotId decimal snapshot id, empty for the head version
 * @param streamId opaque stream id, no control characters
 */
public record FileStream(String snapshotId, String streamId) {
    /**
     * This stream of that file.
     *
     * @param fileId unsigned 64-bit file id
     */
    public LockSpace in(long fileId) {
        return new LockSpace(fileId, snapshotId, streamId);
    }
}
