package io.lockgate.api.admin;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A page of locks. */
@RegisterForReflection
@Schema(description = "A page of route locks.")
record RouteLocksBody(
        @Schema(description = "The page.", required = true) Page data,

        @Schema(description = "The status once more.", examples = "200", required = true)
        int code) {

    /** Rows, and where to go on. */
    @RegisterForReflection
    @Schema(name = "RouteLocksPage", description = "Rows, and where to go on.")
    record Page(
            @Schema(description = "By route, then id.", required = true)
            List<Row> locks,

            @Schema(
                    description = "Path and query of the next page; absent on the last one.",
                    examples = "/admin/locks?limit=100&after=volume%2F1234")
            @Nullable String next) {}

    /** A lock. */
    @RegisterForReflection
    @Schema(name = "RouteLock", description = "A lock.")
    record Row(
            @Schema(description = "Base route.", examples = "volume", required = true)
            String route,

            @Schema(description = "Resource on it.", examples = "1234", required = true)
            String id,

            @Schema(description = "Who holds it.", required = true)
            Holder holder,

            @Schema(
                    description = "When it was taken, ISO 8601, by the clock of the database.",
                    examples = "2026-01-31T09:30:00.123456Z",
                    required = true)
            String since) {}

    /** Who holds a lock. */
    @RegisterForReflection
    @Schema(name = "RouteLockHolder", description = "Who holds a lock.")
    record Holder(
            @Schema(description = "Id of the user, a decimal int64.", examples = "42", required = true)
            String id,

            @Schema(description = "Name of the user.", examples = "ann", required = true)
            String username) {}
}
