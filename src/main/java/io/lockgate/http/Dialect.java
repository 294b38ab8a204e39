package io.lockgate.http;

import io.lockgate.identity.Credential;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One REST dialect: which paths it has, which credential decides, how long a body may be, and how it words a problem.
 * An API package brings one of these and its resources; everything else that happens to a request is the same for all
 * APIs.
 *
 * <p>Paths are raw, without query, but where a method says otherwise.
 */
public interface Dialect {
    /** The paths that belong to this dialect, known or not: each of these and everything below it. */
    List<String> roots();

    /** Whether {@code path} belongs to this dialect. */
    default boolean owns(String path) {
        for (String root : roots()) {
            if (isUnder(path, root)) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code path} is {@code root}, with or without a trailing slash, or below it. */
    static boolean isUnder(String path, String root) {
        return path.startsWith(root) && (path.length() == root.length() || path.charAt(root.length()) == '/');
    }

    /**
     * Whether the router leads {@code path} to {@code place}: it takes {@code %6C} for an l, and a slash at the end for
     * none.
     */
    static boolean isAt(RoutingContext context, String path, String place) {
        String plain = path.indexOf('%') < 0 ? path : context.normalizedPath();
        return plain.equals(place) || plain.equals(place + "/");
    }

    /** The path by which the resources are found, where there are several forms. */
    default String canonical(String path) {
        return path;
    }

    /** Is told that a request is routed again by its {@link #canonical} path. */
    default void rerouted(RoutingContext context, String path) {}

    /** Whether that call needs no credential. The path is normalised, as the router matches it. */
    boolean isOpen(String method, String path);

    /** The credential that decides for that call, good or bad; empty when there is none. The path is normalised. */
    Optional<Credential> credential(MultiMap headers, String method, String path);

    /**
     * Whether that call must not wait behind others while there are too many: it keeps what somebody holds, and comes
     * too late soon. Any path at all; it may be wrong about one that is not percent-encoded as usual.
     */
    default boolean isUrgent(String method, String path) {
        return false;
    }

    /** The longest body, in bytes. */
    int maxBodyBytes(HttpMethod method);

    /** How long a body may take to arrive, where it is not the usual time. */
    default Optional<Duration> bodyTime(HttpMethod method) {
        return Optional.empty();
    }

    /** Whether {@link CrossSiteRule} applies to that call. */
    default boolean isProtectedFromOtherSites(RoutingContext context, String path) {
        return false;
    }

    /** What pages of any origin may do with this API; empty for nothing. */
    default Optional<CrossOrigin> crossOrigin() {
        return Optional.empty();
    }

    /** Whether an answer without a body has a {@code Content-Type} too. */
    default boolean typesEmptyAnswers() {
        return true;
    }

    /** The problem behind a failure that only this API knows. */
    Optional<Problem> problemOf(Throwable failure);

    /** The answer in the words and format of this API. */
    RenderedProblem render(Problem problem);
}
