package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesProblemException;
import io.vertx.ext.web.RoutingContext;

/** Refuses what belongs to the API but not to this version: silence would promise what is not kept. */
final class UnsupportedFeature {
    private UnsupportedFeature() {}

    static void check(RoutingContext context) {
        if (context.request().headers().contains("Idempotency-Key")) {
            throw FilesProblemException.notOffered("header 'Idempotency-Key'");
        }
    }
}
