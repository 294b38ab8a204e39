package io.lockgate.range;

import java.util.Comparator;
import java.util.List;

/**
 * Grants that a call has cut or made besides those that it was asked for, as they stand afterwards: what is left of a
 * range on either side of an unlock, a downgrade or a lock of another lifetime. The right part of a split has a new id,
 * which nobody could know otherwise. Grants that ended are not among them.
 *
 * @param grants of the owners that the call named, by their first bytes; at most {@value #LIMIT}
 * @param more whether there are others, which only a list shows
 */
public record ChangedGrants(List<Grant> grants, boolean more) {
    private static final Comparator<Grant> ORDER = Comparator.comparing(
                    (Grant grant) -> grant.range().first(), Long::compareUnsigned)
            .thenComparing(grant -> grant.id().sequence(), Long::compareUnsigned);

    /** How many one answer names. */
    public static final int LIMIT = 1_000;

    public static final ChangedGrants NONE = new ChangedGrants(List.of(), false);

    public ChangedGrants {
        grants = inOrder(grants);
    }

    /** Grants by their first bytes; SMB locks on the same bytes by age. */
    static List<Grant> inOrder(List<Grant> grants) {
        return grants.size() < 2
                ? List.copyOf(grants)
                : grants.stream().sorted(ORDER).toList();
    }
}
