package io.lockgate.door.files;

import io.lockgate.identity.Callers;
import io.lockgate.range.Caller;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;

/** What {@code @QuarkusTest} puts in place of neighbours. */
final class TestDoubles {
    /** {@code X-Test-Caller: alice acquires reads} is alice, with those permissions; without it, dev with all. */
    @Alternative
    @Priority(1)
    @Singleton
    static class HeaderCallers implements Callers {
        private final CurrentVertxRequest request;

        HeaderCallers(CurrentVertxRequest request) {
            this.request = request;
        }

        @Override
        public Caller on(String file) {
            return current();
        }

        @Override
        public Caller keeping() {
            return current();
        }

        @Override
        public Caller keepingOn(String file) {
            return current();
        }

        @Override
        public boolean maySetOwnerAddress() {
            return true;
        }

        @Override
        public Caller current() {
            String header = request.getCurrent().request().getHeader("X-Test-Caller");
            if (header == null) {
                return new Caller("dev", true, true, true);
            }
            return new Caller(
                    header.split(" ")[0],
                    header.contains(" acquires"),
                    header.contains(" reads"),
                    header.contains(" administers"));
        }
    }
}
