package io.lockgate.http;

import org.jspecify.annotations.Nullable;

/** The parameter {@code limit} of every list: rows of a page. */
public final class PageLimit {
    /** Digits of a number that surely fits an {@code int}. */
    private static final int INT_DIGITS = 9;

    private PageLimit() {}

    /**
     * The rows that a client asks for.
     *
     * @param text the parameter; absent and empty are {@code standard}
     * @param most rows of a page at most; a greater number is this many
     * @throws ProblemException 400 for what is no positive integer
     */
    public static int of(@Nullable String text, int standard, int most) {
        if (text == null || text.isEmpty()) {
            return standard;
        }
        String digits = text.replaceFirst("^0+", "");
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw ProblemException.field("limit", "must be a positive integer");
        }
        return digits.length() > INT_DIGITS ? most : Math.min(Integer.parseInt(digits), most);
    }
}
