package io.lockgate.distribution;

import java.util.Optional;
import java.util.Set;

/** What a report must be for a change to happen (RFC 9110, 13.1: {@code If-Match}, {@code If-None-Match: *}). */
public sealed interface Precondition {
    /** Whatever it is. */
    record Always() implements Precondition {}

    /** It is there. */
    record Present() implements Precondition {}

    /** It is not there. */
    record Absent() implements Precondition {}

    /** It is there and has one of these revisions; with none of them nothing ever happens. */
    record OneOf(Set<String> revisions) implements Precondition {
        public OneOf {
            revisions = Set.copyOf(revisions);
        }
    }

    /** Whether it holds for that report, or for none. */
    default boolean holds(Optional<Report> report) {
        return switch (this) {
            case Always() -> true;
            case Present() -> report.isPresent();
            case Absent() -> report.isEmpty();
            case OneOf(var revisions) ->
                report.map(Report::revision).filter(revisions::contains).isPresent();
        };
    }
}
