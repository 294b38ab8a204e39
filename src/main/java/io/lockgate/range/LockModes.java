package io.lockgate.range;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;

/**
 * The modes of one lock: at least one, without duplicates, in the order of {@link LockMode}. The strongest
 * counts in a conflict.
 */
public final class LockModes implements Iterable<LockMode> {
    private final Set<LockMode> modes;

    private LockModes(EnumSet<LockMode> modes) {
        this.modes = Collections.unmodifiableSet(modes);
    }

    /**
     * The lock's modes; one that is named twice counts once.
     *
     * @throws IllegalArgumentException when {@code modes} is empty
     */
    public static LockModes of(Collection<LockMode> modes) {
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("a lock needs at least one mode");
        }
        return new LockModes(EnumSet.copyOf(modes));
    }

    public static LockModes of(LockMode... modes) {
        return of(Set.of(modes));
    }

    public LockStrength strength() {
        return modes.stream().anyMatch(m -> m.strength() == LockStrength.EXCLUSIVE)
                ? LockStrength.EXCLUSIVE
                : LockStrength.SHARED;
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
