package io.lockgate.range;

import io.lockgate.file.FilePath;
import io.lockgate.file.Files;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Recipient;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The use cases of the handles of SMB as lock managers see them: every open with the byte ranges of its handle and the
 * path of its file, and closing opens by their ids, whosever they are.
 *
 * <p>Every method throws {@link NotPermittedException} when the caller lacks the permission, before anything is asked
 * of the table, and fails its {@code Uni} as the table and the registry do.
 */
public final class OpenHandles {
    /** Handles whose ranges are counted at one time. */
    private static final int COUNTED_AT_ONCE = 4;

    private final RangeLocks locks;
    private final Files files;

    public OpenHandles(RangeLocks locks, Files files) {
        this.locks = locks;
        this.files = files;
    }

    /**
     * An open as a lock manager sees it.
     *
     * @param ranges live byte ranges of its handle in its space, those of its other opens there included
     * @param path of its file; empty when it was not asked for, or the file has none
     */
    public record ListedOpen(Grant open, long ranges, Optional<FilePath> path) {}

    /** Some opens, and where the next begin. */
    public record Page(List<ListedOpen> handles, Cursor next) {}

    /** Which opens are listed, and what is said of them. */
    public record Query(Optional<GrantFilter.FileVersion> file, boolean resolvePaths) {
        private GrantFilter filter() {
            return new GrantFilter(
                    Protocol.SMB,
                    LockType.SHARE_MODE,
                    file,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
    }

    /** A page of opens; not a snapshot. The counts are of the moments after it was read. */
    public Uni<Page> list(LockRights rights, Query query, Cursor after, int limit) {
        return locks.list(rights, query.filter(), after, limit).chain(page -> described(rights, query, page));
    }

    /** A further page of a list that one request answers; see {@link RangeLocks#listFurther}. */
    public Uni<Page> listFurther(LockRights rights, Query query, Cursor after, int limit) {
        return locks.listFurther(rights, query.filter(), after, limit).chain(page -> described(rights, query, page));
    }

    /** What became of an open that was to be closed. */
    public enum Closing {
        CLOSED,
        /** There was none. */
        NO_SUCH_OPEN,
        /** The table did not answer, or the audit trail did not: it may be closed, or not. */
        UNKNOWN,
        /** Nothing was done, because one before it is unknown. */
        NOT_TRIED
    }

    /**
     * Closes opens one after the other, each with an audit entry of its own before it. Not one atomic step: it ends with
     * the first that the table or the trail does not answer, and fails only while none was closed.
     *
     * @param client when it has left, the close under way is repeated until it is done, for 30 s
     * @return what became of each of {@code opens}, in their order
     */
    public Uni<List<Closing>> close(LockRights rights, List<GrantId> opens, Recipient client) {
        locks.requireRelease(rights, true);
        return closeFrom(rights, opens, new ArrayList<>(opens.size()), client);
    }

    private Uni<List<Closing>> closeFrom(
            LockRights rights, List<GrantId> opens, List<Closing> closed, Recipient client) {
        if (closed.size() == opens.size()) {
            return Uni.createFrom().item(closed);
        }
        return locks.closeOpen(rights, opens.get(closed.size()), client)
                .map(release -> release instanceof Release.Released ? Closing.CLOSED : Closing.NO_SUCH_OPEN)
                .onFailure(failure -> closed.contains(Closing.CLOSED))
                .recoverWithItem(Closing.UNKNOWN)
                .chain(outcome -> {
                    closed.add(outcome);
                    if (outcome != Closing.UNKNOWN) {
                        return closeFrom(rights, opens, closed, client);
                    }
                    closed.addAll(Collections.nCopies(opens.size() - closed.size(), Closing.NOT_TRIED));
                    return Uni.createFrom().item(closed);
                });
    }

    private Uni<Page> described(LockRights rights, Query query, GrantPage page) {
        Uni<Map<Long, FilePath>> paths = query.resolvePaths()
                ? files.resolve(page.grants().stream()
                        .map(open -> open.space().fileId())
                        .distinct()
                        .toList())
                : Uni.createFrom().item(Map.of());
        return paths.chain(known -> counts(rights, page.grants()).map(counts -> page(page, counts, known)));
    }

    private static Page page(GrantPage page, Map<Handle, Long> counts, Map<Long, FilePath> paths) {
        return new Page(
                page.grants().stream()
                        .map(open -> new ListedOpen(
                                open,
                                counts.getOrDefault(Handle.of(open), 0L),
                                Optional.ofNullable(paths.get(open.space().fileId()))))
                        .toList(),
                page.next());
    }

    /** Each handle is looked at once, however many opens it has. */
    private Uni<Map<Handle, Long>> counts(LockRights rights, List<Grant> opens) {
        Map<Handle, Grant> handles = new LinkedHashMap<>();
        opens.forEach(open -> handles.putIfAbsent(Handle.of(open), open));
        if (handles.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return Uni.combine()
                .all()
                .unis(handles.values().stream()
                        .map(open -> locks.countRangesFurther(rights, open))
                        .toList())
                .usingConcurrencyOf(COUNTED_AT_ONCE)
                .with(Long.class, counted -> byHandle(handles.keySet(), counted));
    }

    private static Map<Handle, Long> byHandle(Set<Handle> handles, List<Long> counted) {
        Map<Handle, Long> counts = new HashMap<>();
        Iterator<Long> count = counted.iterator();
        handles.forEach(handle -> counts.put(handle, count.next()));
        return counts;
    }

    /** (principal, owner id, space): what the ranges of an open belong to (docs/lock-semantics.md, "SMB opens"). */
    private record Handle(LockSpace space, String principal, String ownerId) {
        static Handle of(Grant open) {
            return new Handle(
                    open.space(), open.owner().principal(), open.owner().ownerId());
        }
    }
}
