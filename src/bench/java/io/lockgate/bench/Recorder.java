package io.lockgate.bench;

import io.lockgate.range.LockStrength;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;

/**
 * What the clients know that they hold, in one space by the protocols of one engine. A client records a lock after the answer that grants
 * it, and takes it out (or makes it shared) before it asks for that: so at each moment this is a part of what truly is held,
 * and two owners that conflict here conflict there. It knows no gateway, no index and no script; it compares every
 * pair.
 */
final class Recorder {
    /** Bytes first to last, both inside. The load stays below 2^63, so signed comparison will do. */
    record Held(String owner, long first, long last, LockStrength strength) {
        boolean meets(long otherFirst, long otherLast) {
            return first <= otherLast && otherFirst <= last;
        }
    }

    private final String space;
    private final Queue<String> conflicts;
    private final List<Held> held = new ArrayList<>();

    Recorder(String space, Queue<String> conflicts) {
        this.space = space;
        this.conflicts = conflicts;
    }

    /** POSIX: these bytes are the owner's now, with this strength, whatever it held there. */
    synchronized void replace(Held now) {
        cut(now.owner, now.first, now.last);
        stack(now);
    }

    /** SMB: one more lock, beside what the owner holds. */
    synchronized void stack(Held now) {
        for (Held other : held) {
            boolean conflict = now.strength == LockStrength.EXCLUSIVE || other.strength == LockStrength.EXCLUSIVE;
            if (conflict && !other.owner.equals(now.owner) && other.meets(now.first, now.last)) {
                conflicts.add(space + ": " + now + " granted while " + other);
            }
        }
        held.add(now);
    }

    /** Removes bytes of an owner. */
    synchronized void cut(String owner, long first, long last) {
        List<Held> rest = new ArrayList<>();
        for (Iterator<Held> i = held.iterator(); i.hasNext(); ) {
            Held old = i.next();
            if (old.owner.equals(owner) && old.meets(first, last)) {
                i.remove();
                if (old.first < first) {
                    rest.add(new Held(owner, old.first, first - 1, old.strength));
                }
                if (old.last > last) {
                    rest.add(new Held(owner, last + 1, old.last, old.strength));
                }
            }
        }
        held.addAll(rest);
    }

    /** SMB: removes one lock with exactly this range of its owner; of several an exclusive one, as the gateway does. */
    synchronized void removeExclusiveFirst(Held lock) {
        Held exclusive = new Held(lock.owner, lock.first, lock.last, LockStrength.EXCLUSIVE);
        if (!held.remove(exclusive)) {
            held.remove(lock);
        }
    }

    /** An acquire was refused: nothing has changed. */
    synchronized void restore(String owner, List<Held> before) {
        held.removeIf(lock -> lock.owner.equals(owner));
        before.forEach(this::stack);
    }

    /** Makes shared what an owner holds on these bytes. */
    synchronized void downgrade(String owner, long first, long last) {
        for (Held old : List.copyOf(held)) {
            if (old.owner.equals(owner) && old.strength == LockStrength.EXCLUSIVE && old.meets(first, last)) {
                long from = Math.max(first, old.first);
                long to = Math.min(last, old.last);
                cut(owner, from, to);
                held.add(new Held(owner, from, to, LockStrength.SHARED));
            }
        }
    }

    synchronized List<Held> of(String owner) {
        return held.stream().filter(lock -> lock.owner.equals(owner)).toList();
    }

    synchronized List<Held> all() {
        return List.copyOf(held);
    }
}
