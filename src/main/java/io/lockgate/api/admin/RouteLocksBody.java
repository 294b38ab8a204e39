package io.lockgate.api.admin;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of locks. */
@RegisterForReflection
record RouteLocksBody(Page data, int code) {

    /** Rows, and where to go on. */
    @RegisterForReflection
    record Page(List<Row> locks, @Nullable String next) {}

    /** A lock. */
    @RegisterForReflection
    record Row(String route, String id, Holder holder, String since) {}

    /** The holder of a lock. */
    @RegisterForReflection
    record Holder(String id, String username) {}
}
