package io.lockgate.range;

/** The property that grants are counted by. */
public enum CountBy {
    OWNER_ADDRESS,
    FILE,
    /**
     * All modes of a grant together, as a list shows them: names in the order of {@link LockMode}, separated by commas.
     */
    MODE
}
