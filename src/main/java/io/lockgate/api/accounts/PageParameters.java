package io.lockgate.api.accounts;

import io.lockgate.http.ProblemException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parameters of lists here. */
final class PageParameters {
    private static final int DEFAULT = 100;
    private static final int MAX = 1_000;

    private PageParameters() {}

    /** Rows of a page; more than the most is the most. */
    static int limit(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return DEFAULT;
        }
        if (text.length() > 100 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw ProblemException.field("limit", "must be a positive integer");
        }
        String digits = text.replaceFirst("^0+", "");
        if (digits.isEmpty()) {
            throw ProblemException.field("limit", "must be a positive integer");
        }
        return digits.length() > 4 ? MAX : Math.min(MAX, Integer.parseInt(digits));
    }

    static Optional<Long> key(String field, @Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                JsonFields.id(text).orElseThrow(() -> ProblemException.field(field, "is not a cursor of this list")));
    }
}
