package io.lockgate.load;

import java.util.Set;

/** The answers that one call may get. A conflict may have a status that has other meanings too; then its text decides. */
record Expected(Set<Integer> served, Set<Integer> conflicts, String conflictText) {

    static Expected status(Integer... served) {
        return new Expected(Set.of(served), Set.of(), "");
    }

    Expected orConflict(Integer... conflicts) {
        return new Expected(served, Set.of(conflicts), "");
    }

    Expected orConflict(int status, String text) {
        return new Expected(served, Set.of(status), text);
    }

    Outcome of(int status, boolean saysWhen, String body) {
        if (served.contains(status)) {
            return Outcome.SERVED;
        }
        if (conflicts.contains(status) && body.contains(conflictText)) {
            return Outcome.CONFLICT;
        }
        return (status == 429 || status == 503) && saysWhen ? Outcome.TOLD_TO_WAIT : Outcome.UNEXPECTED;
    }
}
