package io.lockgate.door.files;

import io.lockgate.identity.Callers;
import io.lockgate.identity.VerifiedCallers;
import io.lockgate.range.Caller;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What {@code @QuarkusTest} puts in place of neighbours. */
final class TestDoubles {
    /**
     * {@code X-Test-Caller: alice acquires reads} is alice, with those permissions, once a credential has let her in; without
     * it, whoever the credential says.
     */
    @Alternative
    @Priority(1)
    @Singleton
    static class HeaderCallers implements Callers {
        private final CurrentVertxRequest request;
        private final VerifiedCallers verified;

        HeaderCallers(CurrentVertxRequest request, VerifiedCallers verified) {
            this.request = request;
            this.verified = verified;
        }

        @Override
        public Caller current() {
            return named().orElseGet(verified::current);
        }

        @Override
        public Caller on(String file) {
            return named().orElseGet(() -> verified.on(file));
        }

        @Override
        public Caller keeping() {
            return named().orElseGet(verified::keeping);
        }

        @Override
        public Caller keepingOn(String file) {
            return named().orElseGet(() -> verified.keepingOn(file));
        }

        @Override
        public boolean maySetOwnerAddress() {
            return verified.maySetOwnerAddress();
        }

        private Optional<Caller> named() {
            return Optional.ofNullable(request.getCurrent().request().getHeader("X-Test-Caller"))
                    .map(header -> new Caller(
                            header.split(" ")[0],
                            header.contains(" acquires"),
                            header.contains(" reads"),
                            header.contains(" administers")));
        }
    }
}
