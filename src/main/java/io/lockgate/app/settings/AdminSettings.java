package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Limits of the admin door, and the pages that may use it. */
@ConfigMapping(prefix = "lockgate.admin")
public interface AdminSettings {
    /** Longest request body in bytes (1,024 to 65,536); more is 413. */
    @WithDefault("16384")
    int bodyLimit();

    /** Rows of a page when locks are listed without {@code limit} (1 to {@code page-max}). */
    @WithDefault("100")
    int pageDefault();

    /** Rows of a page at most (1 to 10,000); a greater {@code limit} is this many. */
    @WithDefault("1000")
    int pageMax();

    /**
     * Origins of pages that may make calls with the admin cookie and log in, with commas between them (at most 64): for a
     * browser that says {@code same-site}, or that sends {@code Origin} alone, such as {@code https://console.example.com}.
     * The gateway's own origin need not be listed. Pages of another site stay refused where the browser sends
     * {@code Sec-Fetch-Site}.
     */
    Optional<List<String>> origins();
}
