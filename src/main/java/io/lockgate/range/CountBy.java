package io.lockgate.range;

/** What to count grants by. */
public enum CountBy {
    OWNER_ADDRESS,
    FILE,
    MODE
}
