package io.lockgate.door.courses;

import io.lockgate.course.Caller;
import io.lockgate.course.CourseScope;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What {@code @QuarkusTest} puts in place of neighbours. */
final class TestDoubles {
    /** {@code X-Test-Caller: 42 edit catalog:ab12cd} is user 42; with {@code partner} a partner key; none is 401. */
    @Alternative
    @Priority(1)
    @Singleton
    static class HeaderCallers implements CourseCallers {
        private final CurrentVertxRequest request;

        HeaderCallers(CurrentVertxRequest request) {
            this.request = request;
        }

        @Override
        public Optional<Caller> current() {
            String header = request.getCurrent().request().getHeader("X-Test-Caller");
            if (header == null) {
                return Optional.empty();
            }
            List<String> words = List.of(header.split(" "));
            return Optional.of(new Caller(
                    Long.parseLong(words.getFirst()),
                    !words.contains("partner"),
                    scope(words, "edit"),
                    scope(words, "catalog")));
        }

        private static CourseScope scope(List<String> words, String permission) {
            for (String word : words) {
                if (word.equals(permission)) {
                    return CourseScope.EVERYWHERE;
                }
                if (word.startsWith(permission + ":")) {
                    return new CourseScope(false, Set.of(word.substring(permission.length() + 1)));
                }
            }
            return CourseScope.NOWHERE;
        }
    }
}
