package io.lockgate.identity;

import java.time.Duration;
import java.util.List;

/**
 * Which signed tokens are good.
 *
 * @param issuer exactly what {@code iss} must say
 * @param audiences one of them must be in {@code aud}: a token made for others is not good here
 * @param userClaim the claim that names the user
 * @param skew by how much the issuer's clock and this machine's may differ
 */
public record JwtRules(String issuer, List<String> audiences, String userClaim, Duration skew) {
    public JwtRules {
        audiences = List.copyOf(audiences);
    }
}
