package io.lockgate.http;

import io.lockgate.identity.Credential;
import java.time.Duration;
import java.util.Optional;

/**
 * What can go wrong with a request, whatever API it is for. A {@link Dialect} turns it into an answer in one exhaustive
 * switch, so a new kind of problem does not compile until every dialect words it.
 */
public sealed interface Problem {
    /** The raw path cannot be taken as it stands. */
    record MalformedPath(PathFault fault) implements Problem {}

    /** The faults of a path. */
    enum PathFault {
        NOT_UTF8("The path is not percent-encoded UTF-8"),
        EMPTY_SEGMENT("The path holds an empty segment"),
        DOT_SEGMENT("The path holds a dot segment"),
        /** It does not begin like a path of the API, but the router would find the API behind it. */
        DISGUISED("The path holds an empty or dot segment, or needless percent-encoding");

        private final String description;

        PathFault(String description) {
            this.description = description;
        }

        public String description() {
            return description;
        }
    }

    /**
     * The query is not percent-encoded UTF-8.
     *
     * @param parameter the parameter at fault, or {@code (query)} where its name cannot be shown
     */
    record MalformedQuery(String parameter) implements Problem {}

    record RepeatedParameter(String name) implements Problem {}

    record CrossSite(CrossSiteRule.Fault fault) implements Problem {}

    /**
     * HTTP itself does not allow the request, or its body did not arrive in time. Only its path is known.
     *
     * @param status 4xx or 5xx
     * @param description what is wrong, without a full stop
     */
    record BadRequest(int status, String description) implements Problem {}

    /**
     * The header is longer than the gateway takes.
     *
     * @param header the longest field of it
     */
    record HeaderTooLarge(String header, int limitBytes) implements Problem {
        public String description() {
            return "the header is longer than " + limitBytes + " bytes";
        }
    }

    record BodyTooLarge(int limitBytes) implements Problem {}

    /**
     * A body that is not what the call takes.
     *
     * @param description what is wrong with it, in words for the client
     */
    record UnreadableBody(String description) implements Problem {}

    record MissingField(String field) implements Problem {}

    /**
     * A field is there, but not as it must be.
     *
     * @param fault to be read after the name of the field, such as {@code must be a positive integer}
     */
    record InvalidField(String field, String fault) implements Problem {}

    /**
     * No credential, a bad one, or one of a kind that does not belong here.
     *
     * @param credential the one that was sent
     */
    record NotAuthenticated(Optional<Credential> credential) implements Problem {}

    /** A good token whose user was deleted. */
    record UserDeleted() implements Problem {}

    /** Too many unknown credentials come from the network of the client; it may try again after a second. */
    record TooManyUnknownCredentials() implements Problem {}

    /** Too many attempts to log in. */
    record TooManyLogins(Duration retryAfter) implements Problem {}

    record Forbidden(String permission) implements Problem {}

    /**
     * Nothing of the name in the request exists.
     *
     * @param description what does not exist
     */
    record NotFound(String description) implements Problem {}

    /**
     * Another entry is in the way.
     *
     * @param description what is in the way
     */
    record Conflict(String description) implements Problem {}

    /**
     * The caller has as many of something as one caller may have. Nothing was changed.
     *
     * @param what the caller has
     * @param setting that says how many, in brackets; empty for none
     */
    record TooManyRequests(int limit, String what, String setting) implements Problem {
        public static TooManyRequests underWay(int limit) {
            return new TooManyRequests(limit, "requests under way", " (lockgate.limits.requests-per-principal)");
        }

        public static TooManyRequests streams(int limit) {
            return new TooManyRequests(limit, "event streams on this gateway", "");
        }

        public String description() {
            return "the caller has as many " + what + " as one may have" + setting + ": " + limit
                    + "; nothing was changed";
        }
    }

    /**
     * A store does not answer, or not now.
     *
     * @param outcomeKnown true when nothing was changed, false when that is unknown
     * @param underRepair whether this part of the store is being repaired
     */
    record Unavailable(Dependency dependency, boolean outcomeKnown, boolean underRepair) implements Problem {
        /** It did not answer, and nothing was changed. */
        public static Unavailable of(Dependency dependency) {
            return new Unavailable(dependency, true, false);
        }
    }

    /** The stores and services that the APIs depend on. */
    enum Dependency {
        LOCK_TABLE,
        FILE_REGISTRY,
        ROUTE_LOCKS,
        COURSE_LOCKS,
        DISTRIBUTION_MAP,
        IDENTITY,
        PASSWORD_HASHING
    }

    /** The gateway stops and takes no new request. Nothing was changed; another replica will serve it. */
    record ShuttingDown() implements Problem {}

    /** A failure of the framework of which only the status is known. */
    record OfStatus(int status) implements Problem {}

    /** A fault of the gateway, which has been logged. */
    record Internal() implements Problem {}

    /** A problem that only one API has, as that API words it. */
    record Specific(RenderedProblem rendered) implements Problem {}
}
