package io.lockgate.api.distribution;

import io.lockgate.distribution.Precondition;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code If-Match} and {@code If-None-Match} (RFC 9110, 13.1). Several header lines of one name are one list. */
final class PreconditionHeaders {
    /** Far more than anybody has tags for. */
    private static final int MAX_LENGTH = 8_192;

    private static final String IF_MATCH = "If-Match";
    private static final String IF_NONE_MATCH = "If-None-Match";

    private PreconditionHeaders() {}

    /** The precondition of a change. */
    static Precondition ofChange(RoutingContext context) {
        Optional<String> match = header(context, IF_MATCH);
        Optional<String> noneMatch = header(context, IF_NONE_MATCH);
        if (noneMatch.isPresent()) {
            if (match.isPresent() || !noneMatch.get().equals("*")) {
                throw new DistributionProblemException(DistributionProblem.badField(
                        IF_NONE_MATCH, "can only be * with this method, and not with If-Match"));
            }
            return new Precondition.Absent();
        }
        return match.<Precondition>map(text -> text.equals("*")
                        ? new Precondition.Present()
                        : new Precondition.OneOf(tags(IF_MATCH, text, true)))
                .orElse(new Precondition.Always());
    }

    /** Whether a reader has what {@code tag} names already (weak comparison). */
    static boolean isKnown(RoutingContext context, String tag) {
        Optional<String> text = header(context, IF_NONE_MATCH);
        return text.isPresent()
                && (text.get().equals("*")
                        || tags(IF_NONE_MATCH, text.get(), false).contains(tag));
    }

    private static Optional<String> header(RoutingContext context, String name) {
        MultiMap headers = context.request().headers();
        List<String> lines = headers.getAll(name);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String text = String.join(",", lines).strip();
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new DistributionProblemException(
                    DistributionProblem.badField(name, "is empty or longer than " + MAX_LENGTH + " characters"));
        }
        return Optional.of(text);
    }

    /**
     * The tags of a list; empty elements count for nothing (RFC 9110, 5.6.1).
     *
     * @param strong leaves out weak tags, which are equal to nothing then
     */
    private static Set<String> tags(String header, String text, boolean strong) {
        Set<String> tags = new HashSet<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == ',' || c == ' ' || c == '\t') {
                at++;
                continue;
            }
            boolean weak = text.startsWith("W/", at);
            int open = weak ? at + 2 : at;
            int close = open < text.length() && text.charAt(open) == '"' ? text.indexOf('"', open + 1) : -1;
            int behind = close < 0 ? -1 : next(text, close + 1);
            if (close < 0 || (behind < text.length() && text.charAt(behind) != ',')) {
                throw new DistributionProblemException(
                        DistributionProblem.badField(header, "is not a list of entity tags"));
            }
            if (!strong || !weak) {
                tags.add(text.substring(open + 1, close));
            }
            at = behind;
        }
        return tags;
    }

    private static int next(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }
}
