package io.lockgate.redis;

import java.time.Duration;

/** What the Redis neighbour must be told; {@code boot} reads it from the configuration. */
public interface RedisSettings {
    /** Number of buckets over which files are spread, 1 to 16384. Fixed for the life of the data, checked at start. */
    int buckets();

    /** How many rows one script may change on work that nobody waits for in one piece; 10 to 5,000. */
    int maxSteps();

    /** How long one attempt of a call may take before its connection is given up, 50 ms to 1.5 s. */
    Duration attemptTimeout();

    /** How long a call may take with all its attempts, 100 ms to 1.9 s. */
    Duration callTimeout();

    /** How many calls may be under way or wait for each master, 16 to 16,384; more are refused at once. */
    int inFlight();

    /** How much work one master is sent at once, in acquires, 1 to 16,384; what does not fit waits its turn. */
    int window();

    /** How many requests of one principal may be under way or wait in this gateway, 1 to 16,384. */
    int requestsPerPrincipal();

    /** How many ranges one owner may hold in one space, 1 to 100,000. */
    int rangesPerOwnerAndSpace();

    /** How many grants one principal may hold in one bucket, 1 to 100,000,000. */
    int grantsPerPrincipalAndBucket();

    /** How many earlier ids and tokens a grant answers to, 1 to 4,096; the oldest are forgotten first. */
    int namesPerGrant();

    /** Whether locks of POSIX and SMB see each other. Changed only on an empty store, checked at start. */
    boolean crossProtocolEnforced();
}
