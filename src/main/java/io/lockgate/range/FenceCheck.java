package io.lockgate.range;

/** Whether a token's grant, or its successor after merge or split, still covers a range. */
public sealed interface FenceCheck {
    record Valid(Grant grant) implements FenceCheck {}

    record Invalid() implements FenceCheck {}
}
