package io.lockgate.range;

/**
 * Place in a list: everything up to and including it has been shown. Keys are (bucket, position), where the position
 * of a grant never changes while it stands, so that what stood throughout a walk appears exactly once.
 *
 * @param bucket the bucket being read
 * @param position last position shown in it, empty at its start; opaque outside the store
 */
public record Cursor(int bucket, String position) {
    public static final Cursor START = new Cursor(0, "");
}
