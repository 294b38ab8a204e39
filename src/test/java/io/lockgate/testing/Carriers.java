package io.lockgate.testing;

import io.lockgate.identity.Credential;
import io.vertx.core.MultiMap;
import java.util.Optional;

/** Headers that carry credentials, each with another token. */
public final class Carriers {
    private Carriers() {}

    /** All that any API reads: {@code x}, {@code b}, {@code m}, {@code s} and {@code r}. */
    public static MultiMap all() {
        return MultiMap.caseInsensitiveMultiMap()
                .add("X-Auth-Token", "x")
                .add("Authorization", "Bearer b")
                .add("Macaroon", "m")
                .add("SID", "s")
                .add("Cookie", "a=1; refreshToken=r; refreshToken=later");
    }

    public static String token(Optional<Credential> credential) {
        return credential.orElseThrow().token();
    }
}
