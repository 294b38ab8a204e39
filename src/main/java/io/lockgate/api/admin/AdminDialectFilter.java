package io.lockgate.api.admin;

import io.lockgate.http.CredentialExtractor;
import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.DialectFilter;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;

/** What this door does before Jakarta REST, and for failures outside of it: see {@link DialectFilter}. */
@Singleton
final class AdminDialectFilter extends DialectFilter {
    private final CrossSiteRule crossSite;

    AdminDialectFilter(AdminDialect door, AdminLimits limits, CrossSiteRule crossSite) {
        super(door, limits.bodyBytes());
        this.crossSite = crossSite;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, PRIORITY);
    }

    void register(@Observes Router router) {
        for (String root : new String[] {"/admin", "/admin/*", "/auth", "/auth/*"}) {
            router.route(root).order(Integer.MIN_VALUE).failureHandler(this::fail);
        }
    }

    /** The cookie is sent by the browser whatever page asks; a login gives one. */
    @Override
    protected Optional<CrossSiteRule.Fault> crossSite(RoutingContext context, String path) {
        return isAt(context, path, "/auth/login")
                        || CredentialExtractor.refreshCookie(context.request().headers())
                                .isPresent()
                ? crossSite.check(context)
                : Optional.empty();
    }

    @Override
    protected Shaped fault(int status, String description) {
        return switch (status) {
            case 400 -> saying(AdminError.BAD_REQUEST, description);
            case 403 -> saying(AdminError.FORBIDDEN, description);
            case 415 -> saying(AdminError.NOT_JSON, description);
            default -> AdminDialect.framework(status, new IllegalStateException(description));
        };
    }

    private static Shaped saying(AdminError error, String description) {
        return AdminDialect.shaped(error, error.text() + ": " + description);
    }

    @Override
    protected Shaped failure(RoutingContext context, Throwable cause) {
        return AdminDialect.shape(context, cause);
    }
}
