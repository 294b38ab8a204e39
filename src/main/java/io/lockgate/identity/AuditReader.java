package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The port to what was done to what is others', newest first. */
public interface AuditReader {
    /** One entry; all texts as they were when it was written. */
    record Row(
            long id,
            Instant at,
            String actor,
            String what,
            String object,
            String whose,
            String reason,
            String outcome) {}

    /**
     * Which entries to read.
     *
     * @param from not before
     * @param to before
     * @param below entries with a lower id; ids fall from page to page
     */
    record Filter(
            Optional<String> actor,
            Optional<String> object,
            Optional<Instant> from,
            Optional<Instant> to,
            Optional<Long> below) {}

    /** Fails with {@link IdentityUnavailableException}. */
    Uni<List<Row>> read(Filter filter, int limit);
}
