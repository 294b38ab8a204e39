package io.lockgate.door.files;

import io.vertx.ext.web.RoutingContext;

/** Refuses what belongs to the API but not to this version: silence would promise what is not kept. */
final class NotOffered {
    private NotOffered() {}

    static void check(RoutingContext exchange) {
        if (exchange.request().headers().contains("Idempotency-Key")) {
            throw BadRequest.notOffered("header 'Idempotency-Key'");
        }
    }
}
