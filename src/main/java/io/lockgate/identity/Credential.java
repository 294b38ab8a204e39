package io.lockgate.identity;

import java.util.Set;

/**
 * A credential as a request carries it.
 *
 * @param token any text at all
 * @param kinds the kinds that count in that place
 */
public record Credential(String token, Set<TokenKind> kinds) {
    /** Leaves the secret out. */
    @Override
    public String toString() {
        return "Credential " + kinds;
    }
}
