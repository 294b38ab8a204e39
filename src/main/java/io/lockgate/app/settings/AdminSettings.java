package io.lockgate.app.settings;

import io.lockgate.api.admin.AdminLimits;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Limits of the admin API, and the pages that may use it. */
@ConfigMapping(prefix = "lockgate.admin")
@RegisterForReflection
public interface AdminSettings extends AdminLimits {
    /** Longest request body in bytes; more is 413. */
    @Override
    @WithDefault("16384")
    @Within(min = 1_024, max = 65_536)
    int bodyLimit();

    /** Rows of a page when locks are listed without {@code limit}; at most {@code lockgate.admin.page-max}. */
    @Override
    @WithDefault("100")
    @Within(min = 1, max = 10_000)
    int pageDefault();

    /** Rows of a page at most; a greater {@code limit} is this many. */
    @Override
    @WithDefault("1000")
    @Within(min = 1, max = 10_000)
    int pageMax();

    /**
     * Origins of pages of the same site that may make calls with the admin cookie and log in, such as
     * {@code https://console.example.com}, at most 64, with commas between them: for a browser that says
     * {@code same-site}, or that sends {@code Origin} alone. The gateway's own origin need not be listed. Pages of
     * another site stay refused where the browser sends {@code Sec-Fetch-Site}.
     */
    Optional<List<String>> origins();
}
