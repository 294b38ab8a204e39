package io.lockgate.load;

/** What an answer means to a load test. */
enum Outcome {
    /** The call was served. */
    SERVED,
    /** Refused because of another's lock, where the scenario makes such conflicts. */
    CONFLICT,
    /** 429 or 503 that says when to come again: the deployment protects itself. */
    TOLD_TO_WAIT,
    /** Any other answer, and none. */
    UNEXPECTED
}
