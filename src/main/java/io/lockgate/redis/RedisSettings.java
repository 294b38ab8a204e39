package io.lockgate.redis;

import java.time.Duration;

/** What the adapter of Redis needs to know, in three parts, each of which is the settings of one prefix. */
public interface RedisSettings {
    Calls calls();

    Limits limits();

    Locks locks();

    /** Calls of Redis. The settings {@code lockgate.redis.*} implement it. */
    interface Calls {
        /** Number of buckets over which files are spread. Fixed for the life of the data, checked at start. */
        int buckets();

        /** How many rows one script may change in work for which no single request waits. */
        int maxSteps();

        /** How long one attempt of a call may take before its connection is given up. */
        Duration attemptTimeout();

        /** How long a call may take with all its attempts. */
        Duration callTimeout();

        /** How many calls may be in flight or wait for each primary; more are refused at once. */
        int inFlight();

        /** How much work one primary is sent at once, in acquires; further work waits its turn. */
        int window();
    }

    /** What one user or owner may have. The settings {@code lockgate.limits.*} implement it. */
    interface Limits {
        /** How many requests of one principal may be in flight or wait in this gateway. */
        int requestsPerPrincipal();

        /** How many ranges one owner may hold in one space. */
        int rangesPerOwnerAndSpace();

        /** How many grants one principal may hold in one bucket. */
        int grantsPerPrincipalAndBucket();

        /** How many idempotency keys one principal may use in two periods of 11 minutes. */
        int idempotencyKeysPerPrincipal();

        /** How many live sessions one principal may have. */
        int sessionsPerPrincipal();

        /** How many waiting requests one principal may have in one bucket. */
        int waitersPerPrincipal();

        /** How many requests may wait in one space. */
        int waitersPerSpace();

        /** How many earlier ids and tokens a grant answers to; the oldest are forgotten first. */
        int namesPerGrant();

        /** About how many events of range locks one bucket keeps. */
        int fileLockEvents();
    }

    /** How locks behave. The settings {@code lockgate.locks.*} implement it. */
    interface Locks {
        /** Whether locks of POSIX and SMB see each other. Changed only on an empty store, checked at start. */
        CrossProtocol crossProtocol();
    }

    /** See {@link Locks#crossProtocol()}. */
    enum CrossProtocol {
        ISOLATED,
        ENFORCED
    }
}
