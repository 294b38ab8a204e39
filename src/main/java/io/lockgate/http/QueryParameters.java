package io.lockgate.http;

import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks of a query that all APIs share. */
public final class QueryParameters {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    private QueryParameters() {}

    /**
     * The name of a parameter that is given more than once, as it may be shown to the client. Jakarta REST would take
     * the first value and drop the others, so that {@code any_owner=false&any_owner=true} is decided by the order.
     * Names are told apart as Jakarta REST does: decoded, and whatever their case.
     *
     * @throws io.vertx.ext.web.handler.HttpException when the query is not percent-encoded
     */
    public static Optional<String> repeated(RoutingContext context) {
        String query = context.request().query();
        // Netty's decoder, which Jakarta REST uses, takes a semicolon for a separator too.
        if (query == null || (query.indexOf('&') < 0 && query.indexOf(';') < 0)) {
            return Optional.empty();
        }
        Set<String> seen = new HashSet<>();
        for (Map.Entry<String, String> parameter : context.queryParams()) {
            String name = parameter.getKey();
            if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                return Optional.of(PLAIN.matcher(name).matches() ? name : "(query)");
            }
        }
        return Optional.empty();
    }
}
