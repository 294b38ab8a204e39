package io.lockgate.door.admin;

import io.lockgate.route.Caller;
import io.lockgate.route.RouteScope;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/** What {@code @QuarkusTest} puts in place of neighbours. */
final class TestDoubles {
    /** {@code X-Test-Caller: 42 ann manage force:volume} is user 42, ann; {@code gone} is a deleted one; none is 401. */
    @Alternative
    @Priority(1)
    @Singleton
    static class HeaderCallers implements AdminCallers {
        private final CurrentVertxRequest request;

        HeaderCallers(CurrentVertxRequest request) {
            this.request = request;
        }

        @Override
        public Optional<Caller> current() {
            String header = request.getCurrent().request().getHeader("X-Test-Caller");
            if (header == null) {
                throw new AuthenticationFailedException();
            }
            String[] words = header.split(" ");
            return words[0].equals("gone")
                    ? Optional.empty()
                    : Optional.of(new Caller(
                            Long.parseLong(words[0]), words[1], scope(words, "manage"), scope(words, "force")));
        }

        private static RouteScope scope(String[] words, String permission) {
            for (String word : words) {
                if (word.equals(permission)) {
                    return RouteScope.EVERYWHERE;
                }
                if (word.startsWith(permission + ":")) {
                    return new RouteScope(false, Set.of(word.substring(permission.length() + 1)));
                }
            }
            return RouteScope.NOWHERE;
        }
    }
}
