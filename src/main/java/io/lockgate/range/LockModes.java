package io.lockgate.range;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;

/**
 * The modes of one lock: at least one, all of one {@link LockType}, without duplicates, in the order of {@link
 * LockMode}. Of a byte range the strongest counts in a conflict.
 */
public final class LockModes implements Iterable<LockMode> {
    private final Set<LockMode> modes;

    private LockModes(EnumSet<LockMode> modes) {
        this.modes = Collections.unmodifiableSet(modes);
    }

    /**
     * The lock's modes; one that is named twice counts once.
     *
     * @throws IllegalArgumentException when {@code modes} is empty, or has modes of both types
     */
    public static LockModes of(Collection<LockMode> modes) {
        if (modes.stream().map(LockMode::type).distinct().count() != 1) {
            throw new IllegalArgumentException("a lock needs at least one mode, and modes of one type");
        }
        return new LockModes(EnumSet.copyOf(modes));
    }

    public static LockModes of(LockMode... modes) {
        return of(Set.of(modes));
    }

    public LockType type() {
        return modes.iterator().next().type();
    }

    public LockStrength strength() {
        return modes.stream().anyMatch(m -> m.strength() == LockStrength.EXCLUSIVE)
                ? LockStrength.EXCLUSIVE
                : LockStrength.SHARED;
    }

    /**
     * Whether two opens with these modes cannot stand together, whoever they belong to: one does what the other denies
     * (MS-FSA 2.1.5.1.2.2, "Algorithm to Check Sharing Access to an Existing Stream or Directory").
     */
    public boolean conflictsWith(LockModes other) {
        return denied(this, other) || denied(other, this);
    }

    private static boolean denied(LockModes one, LockModes other) {
        return (one.contains(LockMode.EXCLUDE_READ) && other.contains(LockMode.READ))
                || (one.contains(LockMode.EXCLUDE_WRITE) && other.contains(LockMode.WRITE))
                || (one.contains(LockMode.EXCLUDE_DELETE) && other.contains(LockMode.DELETE));
    }

    public boolean contains(LockMode mode) {
        return modes.contains(mode);
    }

    @Override
    public Iterator<LockMode> iterator() {
        return modes.iterator();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LockModes that && modes.equals(that.modes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(modes);
    }

    @Override
    public String toString() {
        return modes.toString();
    }
}
