package io.lockgate.range;

import static io.lockgate.range.LockMode.READ;
import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockgate.file.CatalogMode;
import io.lockgate.file.CatalogUnavailableException;
import io.lockgate.file.FileKind;
import io.lockgate.file.FilePath;
import io.lockgate.file.Files;
import io.lockgate.file.InMemoryFileCatalog;
import io.lockgate.identity.AuditTrail;
import io.lockgate.identity.Caller;
import io.lockgate.identity.NotPermittedException;
import io.lockgate.identity.Recipient;
import io.lockgate.range.OpenHandles.Closing;
import io.lockgate.testing.LockClient;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Lists and closes the handles of SMB. */
class OpenHandlesTest {
    private static final LockRights READER = new LockRights("r", false, true, false);
    private static final LockRights ADMIN = new LockRights("p", true, true, true);
    private static final LockRights OWN = new LockRights("p", true, false, false);
    private static final LockModes READS = LockModes.of(READ);
    private static final OpenHandles.Query ALL = new OpenHandles.Query(Optional.empty(), false);

    private final LockSpace space = LockSpace.head(1);
    private final LockClient a = LockClient.smb(space, "A");
    private final LockClient b = LockClient.smb(space, "B").of("q");
    private final InMemoryRangeLockTable model = new InMemoryRangeLockTable(System::currentTimeMillis, false, 1_000);
    private final Map<String, Integer> counted = new HashMap<>();
    private final List<Runnable> answers = new ArrayList<>();
    private final List<AuditTrail.Entry> trail = new ArrayList<>();
    private final InMemoryFileCatalog catalog = new InMemoryFileCatalog();
    private boolean answersLate;
    private int entriesAtMost = Integer.MAX_VALUE;
    private final OpenHandles handles =
            new OpenHandles(new RangeLocks(watched(model), this::record), new Files(catalog, CatalogMode.OPEN));

    private static final Recipient CLIENT = new Recipient() {
        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public Uni<Caller> caller() {
            throw new IllegalStateException("a call that does not wait needs no second look");
        }

        @Override
        public void ifGone(String what, Supplier<Uni<Boolean>> rollback) {}
    };

    private Uni<Void> record(AuditTrail.Entry entry) {
        if (trail.size() == entriesAtMost) {
            return Uni.createFrom().failure(new IllegalStateException("no room in the trail"));
        }
        trail.add(entry);
        return Uni.createFrom().voidItem();
    }

    /** The table, which says how often the ranges of a handle are counted, and answers that when it is told to. */
    private RangeLockTable watched(RangeLockTable table) {
        return (RangeLockTable) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RangeLockTable.class}, (_, method, arguments) -> {
                    Object answer = method.invoke(table, arguments);
                    if (answer instanceof RangeLockTable same) {
                        return watched(same);
                    }
                    if (!method.getName().equals("countRanges")) {
                        return answer;
                    }
                    Owner handle = (Owner) arguments[1];
                    return Uni.createFrom().<Object>emitter(emitter -> {
                        counted.merge(handle.principal() + "/" + handle.ownerId(), 1, Integer::sum);
                        answer((Uni<?>) answer, emitter);
                    });
                });
    }

    private void answer(Uni<?> count, UniEmitter<? super Object> emitter) {
        Runnable tells = () -> emitter.complete(get(count));
        if (answersLate) {
            answers.add(tells);
        } else {
            tells.run();
        }
    }

    private Grant open(LockClient client) {
        LockSpec lock = new LockSpec(
                Protocol.SMB, READS, ByteRange.ALL, client.owner(), "192.0.2.1", "node-1", client.lifetime());
        return LockClient.granted(get(model.acquire(client.space(), lock)));
    }

    private List<OpenHandles.ListedOpen> listed(OpenHandles.Query query) {
        return get(handles.list(READER, query, Cursor.START, 100)).handles();
    }

    private static <T> List<T> each(List<OpenHandles.ListedOpen> rows, Function<OpenHandles.ListedOpen, T> part) {
        return rows.stream().map(part).toList();
    }

    @Test
    @DisplayName(
            "Each open is a row with all ranges of its handle in its space, which are counted once for each handle")
    void rows() {
        List<GrantId> ids = List.of(open(a).id(), open(a).id(), open(b).id());
        Grant stream = open(a.at(new LockSpace(1, LockSpace.HEAD, "2")));
        a.granted(model, X, 0, 10);
        a.granted(model, X, 20, 10);
        b.granted(model, X, 40, 10);

        List<OpenHandles.ListedOpen> rows = listed(ALL);

        assertThat(each(rows, row -> row.open().id()))
                .containsExactlyInAnyOrder(ids.get(0), ids.get(1), ids.get(2), stream.id());
        Map<GrantId, Long> ranges = new HashMap<>();
        rows.forEach(row -> ranges.put(row.open().id(), row.ranges()));
        assertThat(ranges)
                .containsEntry(ids.get(0), 2L)
                .containsEntry(ids.get(1), 2L)
                .containsEntry(ids.get(2), 1L)
                .containsEntry(stream.id(), 0L);
        // The handle A of the other stream is another one.
        assertThat(counted).containsOnly(Map.entry("p/A", 2), Map.entry("q/B", 1));
    }

    @Test
    @DisplayName("No more than four handles are counted at one time")
    void countedAtOnce() {
        for (int i = 0; i < 60; i++) {
            open(LockClient.smb(space, "h" + i));
        }
        answersLate = true;
        List<Integer> rows = new ArrayList<>();
        handles.list(READER, ALL, Cursor.START, 100)
                .subscribe()
                .with(page -> rows.add(page.handles().size()));
        int most = answers.size();
        for (int i = 0; i < answers.size(); i++) {
            answers.get(i).run();
            most = Math.max(most, answers.size() - i - 1);
        }

        assertThat(most).isEqualTo(4);
        assertThat(counted).hasSize(60);
        assertThat(rows).containsExactly(60);
    }

    @Test
    @DisplayName("A page without opens asks nothing more, and a filter is for one file")
    void files() {
        assertThat(listed(new OpenHandles.Query(Optional.empty(), true))).isEmpty();
        assertThat(counted).isEmpty();
        Grant other = open(a.at(LockSpace.head(2)));
        open(a);
        Optional<GrantFilter.FileVersion> file = Optional.of(new GrantFilter.FileVersion(2, LockSpace.HEAD));

        assertThat(each(
                        listed(new OpenHandles.Query(file, false)),
                        row -> row.open().id()))
                .containsExactly(other.id());
    }

    @Test
    @DisplayName("Paths are those of the registry, asked for when they are to be shown")
    void paths() {
        FilePath path = new FilePath("/data/a");
        long id = get(catalog.register(path, FileKind.FILE)).orElseThrow().id();
        open(a);
        open(a.at(LockSpace.head(id)));
        assertThat(each(listed(new OpenHandles.Query(Optional.empty(), true)), OpenHandles.ListedOpen::path))
                .containsExactlyInAnyOrder(Optional.empty(), Optional.of(path));
        catalog.setDown(true);
        assertThat(each(listed(ALL), OpenHandles.ListedOpen::path)).allMatch(Optional::isEmpty);
        assertThatThrownBy(() -> listed(new OpenHandles.Query(Optional.empty(), true)))
                .isInstanceOf(CatalogUnavailableException.class);
    }

    @Test
    @DisplayName("Opens are closed in order, own ones too, each after an entry of its own; ranges are no opens")
    void close() {
        GrantId own = open(a).id();
        Grant others = open(b);
        GrantId range = b.granted(model, X, 0, 10).id();

        List<Closing> closed = get(handles.close(ADMIN, List.of(range, own, others.id(), own), CLIENT));

        assertThat(closed).containsExactly(Closing.NO_SUCH_OPEN, Closing.CLOSED, Closing.CLOSED, Closing.NO_SUCH_OPEN);
        assertThat(each(listed(ALL), row -> row.open().id())).isEmpty();
        assertThat(b.standing(model)).isEmpty();
        assertThat(trail)
                .extracting(AuditTrail.Entry::toString)
                .satisfiesExactly(
                        one -> assertThat(one)
                                .contains("release-grant", own + " open of file 1", "principal=p owner_id=A"),
                        two -> assertThat(two).contains(others.id() + " open of file 1", "principal=q owner_id=B"));
    }

    @Test
    @DisplayName(
            "A close that cannot be audited does not happen; those before it stay closed, those behind it are not tried")
    void notAudited() {
        GrantId first = open(a).id();
        GrantId second = open(b).id();
        GrantId third = open(a).id();
        entriesAtMost = 1;

        assertThat(get(handles.close(ADMIN, List.of(first, second, third), CLIENT)))
                .containsExactly(Closing.CLOSED, Closing.UNKNOWN, Closing.NOT_TRIED);

        assertThat(each(listed(ALL), row -> row.open().id())).containsExactly(second, third);
    }

    @Test
    @DisplayName("A close of which nothing was done fails")
    void nothingClosed() {
        GrantId open = open(a).id();
        entriesAtMost = 0;

        assertThatThrownBy(() -> get(handles.close(ADMIN, List.of(open), CLIENT)))
                .isInstanceOf(IllegalStateException.class);

        assertThat(each(listed(ALL), row -> row.open().id())).containsExactly(open);
    }

    @Test
    @DisplayName("Without the permission nothing is asked")
    void permissionFirst() {
        GrantId open = open(a).id();
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> handles.list(OWN, ALL, Cursor.START, 10));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> handles.listFurther(OWN, ALL, Cursor.START, 10));
        assertThatExceptionOfType(NotPermittedException.class)
                .isThrownBy(() -> handles.close(READER, List.of(open), CLIENT));
        assertThatExceptionOfType(NotPermittedException.class).isThrownBy(() -> handles.close(OWN, List.of(), CLIENT));
        assertThat(get(model.find(open))).isPresent();
    }
}
