package io.lockgate.api.accounts;

import io.lockgate.http.PageLimit;
import io.lockgate.http.ProblemException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parameters of lists here. */
final class PageParameters {
    private static final int DEFAULT = 100;
    private static final int MAX = 1_000;

    private PageParameters() {}

    static int limit(@Nullable String text) {
        return PageLimit.of(text, DEFAULT, MAX);
    }

    static Optional<Long> key(String field, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                JsonFields.id(text).orElseThrow(() -> ProblemException.field(field, "is not a cursor of this list")));
    }
}
