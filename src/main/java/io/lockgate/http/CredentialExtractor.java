package io.lockgate.http;

import io.lockgate.identity.Credential;
import io.lockgate.identity.TokenKind;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a credential where a request carries it. Each {@link Dialect} says which carriers it has, and in which order
 * (docs/identity.md): the first that is there decides, good or bad; a bad one is not made up for by the next.
 */
public final class CredentialExtractor {
    private static final String BEARER = "Bearer ";
    private static final String COOKIE = "refreshToken";
    private static final Set<TokenKind> BEARERS = Set.of(TokenKind.BEARER);

    private CredentialExtractor() {}

    /** The token in {@code Authorization}, when its scheme is Bearer; of any other scheme, text that is no token. */
    public static Optional<Credential> bearer(MultiMap headers) {
        List<String> values = headers.getAll("Authorization");
        if (values.isEmpty()) {
            return Optional.empty();
        }
        String value = values.getFirst();
        boolean one = values.size() == 1 && value.regionMatches(true, 0, BEARER, 0, BEARER.length());
        return Optional.of(new Credential(one ? value.substring(BEARER.length()).strip() : "", BEARERS));
    }

    /** The value of the first cookie {@code refreshToken}; a cleared one, which is empty, is none. */
    public static Optional<String> refreshCookie(MultiMap headers) {
        for (String header : headers.getAll("Cookie")) {
            int from = 0;
            while (from < header.length()) {
                int end = header.indexOf(';', from);
                int stop = end < 0 ? header.length() : end;
                int equals = header.indexOf('=', from);
                if (equals >= 0
                        && equals < stop
                        && header.substring(from, equals).strip().equals(COOKIE)) {
                    String value = header.substring(equals + 1, stop).strip();
                    return value.isEmpty() ? Optional.empty() : Optional.of(value);
                }
                from = stop + 1;
            }
        }
        return Optional.empty();
    }

    /**
     * The value of the header {@code name}. A header sent twice is no credential: nobody could say which of the two was
     * meant.
     *
     * @param kinds of token that count for this call
     */
    public static Optional<Credential> header(MultiMap headers, String name, Set<TokenKind> kinds) {
        List<String> values = headers.getAll(name);
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Credential(values.size() == 1 ? values.getFirst().strip() : "", kinds));
    }
}
