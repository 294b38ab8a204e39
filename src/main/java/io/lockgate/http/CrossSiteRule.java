package io.lockgate.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites from acting with a browser's cookie, or from logging a browser in: for calls that carry
 * the cookie, and for logins. A body must say that it is JSON, which a form cannot, and the browser must not say that
 * the page is a foreign one: {@code Sec-Fetch-Site} (W3C Fetch Metadata), or {@code Origin} (RFC 6454) from browsers
 * that do not send it. Clients that are no browsers send neither header.
 *
 * <p>Not guaranteed: a page of the same host and port over another scheme counts as the request's own, because TLS
 * often ends in front of the gateway.
 */
public final class CrossSiteRule {
    private static final Pattern ORIGIN = Pattern.compile("(https?)://([a-z0-9.-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");
    private static final String BODY_UNTYPED = "lockgate.http.body-untyped";

    private final Set<String> origins;

    /** @param origins listed ones, each as {@link #origin} gives it */
    public CrossSiteRule(Collection<String> origins) {
        this.origins = Set.copyOf(origins);
    }

    /** The canonical form of an origin; empty for what is none. */
    public static Optional<String> origin(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        return ORIGIN.matcher(lower).matches() ? Optional.of(lower) : Optional.empty();
    }

    /** The faults of a request. */
    public enum Fault {
        /** 403: it comes from a page of another origin. */
        FOREIGN(403, "a page of another origin may not make this call (lockgate.admin.origins)"),
        /** 415: it has a body that is not said to be JSON. */
        NOT_JSON(415, "a body must be application/json");

        private final int status;
        private final String description;

        Fault(int status, String description) {
            this.status = status;
            this.description = description;
        }

        public int status() {
            return status;
        }

        public String description() {
            return description;
        }
    }

    /**
     * What is wrong with a call to which this rule applies; empty when it may go on. To be asked before the body is
     * read.
     */
    public Optional<Fault> check(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpMethod method = request.method();
        if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
            return Optional.empty();
        }
        if (isForeign(request)) {
            return Optional.of(Fault.FOREIGN);
        }
        if (isJson(request.headers())) {
            return Optional.empty();
        }
        return switch (body(request)) {
            case NONE -> Optional.empty();
            case PRESENT -> Optional.of(Fault.NOT_JSON);
            case UNKNOWN -> {
                if (request.headers().contains("Content-Type")) {
                    yield Optional.of(Fault.NOT_JSON);
                }
                context.put(BODY_UNTYPED, true);
                yield Optional.empty();
            }
        };
    }

    /**
     * Whether {@code check} could not know that there is a body: over HTTP/2 a length is optional. Then any byte of one
     * is {@link Fault#NOT_JSON}.
     */
    public static boolean mustBeEmpty(RoutingContext context) {
        return context.<@Nullable Boolean>get(BODY_UNTYPED) != null;
    }

    private boolean isForeign(HttpServerRequest request) {
        List<String> sites = request.headers().getAll("Sec-Fetch-Site");
        List<String> given = request.headers().getAll("Origin");
        if (sites.isEmpty()) {
            return !given.isEmpty() && !(given.size() == 1 && (isOwn(request, given.getFirst()) || isListed(given)));
        }
        if (sites.size() > 1) {
            return true;
        }
        return switch (sites.getFirst()) {
            case "same-origin", "none" -> false;
            case "same-site" -> !isListed(given);
            // Also whatever browsers may say in future.
            default -> true;
        };
    }

    private boolean isListed(List<String> given) {
        return given.size() == 1
                && origin(given.getFirst()).filter(origins::contains).isPresent();
    }

    /** Whether host and port are those that the request was sent to. */
    private static boolean isOwn(HttpServerRequest request, String text) {
        Optional<String> origin = origin(text);
        HostAndPort authority = request.authority();
        if (origin.isEmpty() || authority == null) {
            return false;
        }
        boolean tls = origin.get().startsWith("https:");
        String host = origin.get().substring(tls ? 8 : 7);
        int standard = tls ? 443 : 80;
        String asked = authority.host().toLowerCase(Locale.ROOT);
        if (asked.indexOf(':') >= 0 && !asked.startsWith("[")) {
            asked = "[" + asked + "]";
        }
        // A browser leaves the port out where it is the scheme's own.
        boolean usual = authority.port() <= 0 || authority.port() == standard;
        return usual
                ? host.equals(asked) || host.equals(asked + ":" + standard)
                : host.equals(asked + ":" + authority.port());
    }

    private static boolean isJson(MultiMap headers) {
        List<String> types = headers.getAll("Content-Type");
        return types.size() == 1 && types.getFirst().split(";", 2)[0].strip().equalsIgnoreCase("application/json");
    }

    private enum Body {
        NONE,
        PRESENT,
        UNKNOWN
    }

    /** RFC 9112 6.3, RFC 9113 8.1.1. */
    private static Body body(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        if (length != null) {
            return length.strip().equals("0") ? Body.NONE : Body.PRESENT;
        }
        if (request.version() == HttpVersion.HTTP_2) {
            return Body.UNKNOWN;
        }
        return request.headers().contains("Transfer-Encoding") ? Body.PRESENT : Body.NONE;
    }

    /** The listed origins. */
    @Override
    public String toString() {
        return origins.stream().sorted().collect(Collectors.joining(", "));
    }
}
