package io.lockgate.range;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.Queueing;
import io.lockgate.range.queue.Wait;
import io.lockgate.range.queue.WaitGraph;
import io.lockgate.range.queue.WaitOutcome;
import io.lockgate.range.queue.Waiter;
import io.lockgate.range.queue.WaiterId;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Walks two tables through the same steps and fails at the first answer, or the first state, in which they differ.
 *
 * <p>Names are free, identity is not: an id of one table must always mean the same id of the other, whichever numbers
 * they chose, and the same for tokens, which must also come in the same order. Times left are compared to the hour,
 * because the two tables read two clocks.
 */
public final class DifferentialTest {
    /** The state costs one call per protocol to read, so it is compared after every few steps and after the last. */
    private static final int STEPS_BETWEEN_STATES = 6;

    private static final int WHOLE_SPACE = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration LONG_WAIT = Duration.ofHours(1);
    /** Less than {@link LockQueue#POLL_WITHIN}, so that {@link #OLD} ends it before that. */
    private static final Duration BRIEF_WAIT = Duration.ofSeconds(20);

    private static final Duration OLD = LockQueue.POLL_WITHIN.plusSeconds(1);
    private static final Duration UNCONFIRMED = LockQueue.CONFIRM_WITHIN.plusSeconds(1);
    private static final Duration ABOUT = Duration.ofSeconds(10);

    private final RangeLockTable tested;
    private final InMemoryRangeLockTable model;
    private final LockSpace space;

    private final Map<GrantId, GrantId> idInModel = new HashMap<>();
    private final Map<GrantId, GrantId> idInTested = new HashMap<>();
    /** Pairs of ids in order of appearance. */
    private final List<Pair<GrantId>> ids = new ArrayList<>();

    private final TreeMap<FencingToken, FencingToken> tokenInTested = new TreeMap<>();
    private final Map<FencingToken, FencingToken> tokenInModel = new HashMap<>();
    private final List<Pair<FencingToken>> tokens = new ArrayList<>();

    private final List<Op.Ask> granted = new ArrayList<>();
    private final List<Keyed> keyed = new ArrayList<>();

    private record Pair<T>(T tested, T model) {}

    private final List<Pair<SessionId>> sessions = new ArrayList<>();
    private final Sessions testedSessions;

    private final List<Queued> waiters = new ArrayList<>();
    /** Tokens of the model that came with the end of one session. */
    private final Set<FencingToken> givenInParts = new HashSet<>();

    private boolean isInParts;
    private final Queues testedQueues;
    private final long began = System.nanoTime();

    /** A request that both queued. */
    private record Queued(Pair<WaiterId> id, Op.Ask ask) {}

    /** The sessions of the table under test, and how one of them can be made to expire at once. */
    public interface Sessions {
        SessionTable table();

        void expire(SessionId id);
    }

    /** The queues of the table under test, and how time can be made to pass for one waiter. */
    public interface Queues {
        LockQueue queue();

        WaitGraph graph();

        /**
         * Moves all that ends by time for a waiter {@code by} nearer: its wait, its turn without a poll, the time in which its
         * grant must be confirmed, and that for which its outcome is told.
         */
        void age(WaiterId id, Duration by);
    }

    /** For walks without sessions. */
    private static final Sessions NONE = new Sessions() {
        @Override
        public SessionTable table() {
            throw new UnsupportedOperationException("no sessions");
        }

        @Override
        public void expire(SessionId id) {
            throw new UnsupportedOperationException("no sessions");
        }
    };

    /** For walks in which nobody waits. */
    private static final Queues NO_QUEUES = new Queues() {
        @Override
        public LockQueue queue() {
            throw new UnsupportedOperationException("no queues");
        }

        @Override
        public WaitGraph graph() {
            throw new UnsupportedOperationException("no queues");
        }

        @Override
        public void age(WaiterId id, Duration by) {
            throw new UnsupportedOperationException("no queues");
        }
    };

    private DifferentialTest(
            RangeLockTable tested,
            Sessions testedSessions,
            Queues testedQueues,
            InMemoryRangeLockTable model,
            LockSpace space) {
        this.tested = tested;
        this.testedSessions = testedSessions;
        this.testedQueues = testedQueues;
        this.model = model;
        this.space = space;
    }

    /**
     * Does {@code walk} in {@code space} of both tables, which must be empty there, and leaves it empty.
     *
     * @throws AssertionError naming the step after which they differ
     */
    static void holdsFor(RangeLockTable tested, InMemoryRangeLockTable model, LockSpace space, List<Op> walk) {
        holdsFor(tested, NONE, model, space, walk);
    }

    /** The same with sessions. */
    static void holdsFor(
            RangeLockTable tested, Sessions sessions, InMemoryRangeLockTable model, LockSpace space, List<Op> walk) {
        holdsFor(tested, sessions, NO_QUEUES, model, space, walk);
    }

    /** The same with queues. */
    static void holdsFor(
            RangeLockTable tested, Queues queues, InMemoryRangeLockTable model, LockSpace space, List<Op> walk) {
        holdsFor(tested, NONE, queues, model, space, walk);
    }

    /** The same with sessions and queues. */
    static void holdsFor(
            RangeLockTable tested,
            Sessions sessions,
            Queues queues,
            InMemoryRangeLockTable model,
            LockSpace space,
            List<Op> walk) {
        DifferentialTest agreement = new DifferentialTest(tested, sessions, queues, model, space);
        try {
            for (int i = 0; i < walk.size(); i++) {
                Op op = walk.get(i);
                try {
                    agreement.step(op);
                    if (i % STEPS_BETWEEN_STATES == STEPS_BETWEEN_STATES - 1 || i == walk.size() - 1) {
                        agreement.sameState();
                    }
                } catch (AssertionError e) {
                    if (agreement.wasTooSlow()) {
                        throw new TestAbortedException("a provisional grant may have ended by itself", e);
                    }
                    throw new AssertionError("step " + i + ", " + op + ": " + e.getMessage(), e);
                }
            }
        } finally {
            agreement.empty();
        }
    }

    private boolean wasTooSlow() {
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        return !waiters.isEmpty() && took.compareTo(LockQueue.CONFIRM_WITHIN.dividedBy(2)) > 0;
    }

    private void step(Op op) {
        switch (op) {
            case Op.Acquire(Op.Ask ask) -> acquire(ask);
            case Op.Test(Op.Ask ask) ->
                bothUnlessGone((t, inTested) -> t.test(space, spec(inTested, ask)))
                        .ifPresent(conflicts -> sameConflict(ask, conflicts, true));
            case Op.Free(Op.Unask unask) -> release(unask.spec());
            case Op.Again(int ago, LockModes modes) -> {
                List<Op.Ask> ofType = granted.stream()
                        .filter(ask -> ask.modes().type() == modes.type())
                        .toList();
                back(ofType, ago).ifPresent(ask -> acquire(ask.with(modes)));
            }
            case Op.Undo(int ago) ->
                back(granted, ago).ifPresent(ask -> {
                    OwnerSelector owner = OwnerSelector.exactly(ask.owner());
                    if (ask.isOpen()) {
                        releaseOpens(owner, Optional.empty());
                    } else {
                        release(new UnlockSpec(ask.protocol(), ask.range(), owner));
                    }
                });
            case Op.FreeGrant(int ago, Optional<String> principal) ->
                back(ids, ago).ifPresent(id -> releaseGrant(id, principal));
            case Op.FreeOpens(OwnerSelector handles, Optional<Integer> only) ->
                only.ifPresentOrElse(
                        ago -> back(ids, ago).ifPresent(id -> releaseOpens(handles, Optional.of(id))),
                        () -> releaseOpens(handles, Optional.empty()));
            case Op.CountRanges(Owner handle) -> same(both(t -> t.countRanges(space, handle)));
            case Op.Renew(int ago, String principal, int hours) ->
                back(ids, ago).ifPresent(id -> {
                    Protocol protocol =
                            await(model.find(id.model())).map(Grant::protocol).orElse(Protocol.NLM);
                    sameRenewal(
                            await(tested.renew(id.tested(), protocol, principal, Duration.ofHours(hours))),
                            await(model.renew(id.model(), protocol, principal, Duration.ofHours(hours))));
                });
            case Op.Check(int ago, ByteRange range) -> check(ago, range);
            case Op.CheckStanding(int ago, int which) ->
                back(grants(model).stream().filter(g -> !g.range().empty()).toList(), which)
                        .ifPresent(standing -> check(ago, standing.range()));
            case Op.Find(int ago) ->
                back(ids, ago).ifPresent(id -> {
                    Optional<Grant> a = await(tested.find(id.tested()));
                    Optional<Grant> b = await(model.find(id.model()));
                    assertThat(a.isPresent()).as("found").isEqualTo(b.isPresent());
                    b.ifPresent(g -> sameGrant(a.orElseThrow(), g));
                });
            case Op.AcquireOnce(Op.Ask ask) -> {
                IdempotencyKey key = key(ask.owner().principal());
                once((table, inTested) -> table.once(key).acquire(space, ask.spec()), ask);
            }
            case Op.FreeOnce(Op.Unask unask) -> {
                IdempotencyKey key = key(unask.owner().principal().orElse("p"));
                once((table, inTested) -> table.once(key).release(space, unask.spec()), null);
            }
            case Op.Repeat(int ago) -> back(keyed, ago).ifPresent(again -> again(again.call(), again.ask()));
            case Op.Batch batch -> batch(batch);
            case Op.Open(String principal, String name, int hours) -> open(principal, name, Duration.ofHours(hours));
            case Op.Beat(int ago, String principal) ->
                back(sessions, ago)
                        .ifPresent(id -> sameBeat(
                                await(testedSessions.table().renew(id.tested(), principal)),
                                await(model.sessions().renew(id.model(), principal))));
            case Op.EndSession(int ago, Optional<String> principal) ->
                back(sessions, ago)
                        .ifPresent(id -> servedInParts(() -> same(
                                testedSessions.table().end(id.tested(), principal),
                                model.sessions().end(id.model(), principal))));
            case Op.Expire(int ago) ->
                back(sessions, ago)
                        .ifPresent(id -> servedInParts(() -> {
                            testedSessions.expire(id.tested());
                            model.expire(id.model());
                            if (!waiters.isEmpty()) {
                                sweep();
                            }
                        }));
            case Op.Wait(Op.Ask ask, boolean brief) -> wait(ask, brief ? BRIEF_WAIT : LONG_WAIT);
            case Op.WaitOnce(Op.Ask ask) -> {
                IdempotencyKey key = key(ask.owner().principal());
                once((table, inTested) -> queue(inTested).once(key).acquire(space, ask.spec(), LONG_WAIT), ask);
            }
            case Op.Poll(int ago, Optional<String> principal) ->
                back(waiters, ago).ifPresent(waiter -> poll(waiter, principal));
            case Op.Withdraw(int ago, Optional<String> principal) ->
                back(waiters, ago)
                        .ifPresent(waiter -> same(
                                testedQueues.queue().withdraw(waiter.id().tested(), principal),
                                model.queue().withdraw(waiter.id().model(), principal)));
            case Op.Confirm(int ago) ->
                back(which(DifferentialTest::isProvisional), ago)
                        .or(() -> back(waiters, ago))
                        .ifPresent(this::confirm);
            case Op.ExpireWaiter(int ago) -> expire(ago, OLD, outcome -> outcome instanceof WaitOutcome.Waiting);
            case Op.ExpireProvisional(int ago) -> expire(ago, UNCONFIRMED, DifferentialTest::isProvisional);
        }
    }

    private void releaseGrant(Pair<GrantId> id, Optional<String> principal) {
        Runnable release =
                () -> same(tested.releaseGrant(id.tested(), principal), model.releaseGrant(id.model(), principal));
        boolean isOpen = await(model.find(id.model()))
                .filter(grant -> grant.modes().type() == LockType.SHARE_MODE)
                .isPresent();
        if (isOpen) {
            servedInParts(release);
        } else {
            release.run();
        }
    }

    private void releaseOpens(OwnerSelector handles, Optional<Pair<GrantId>> only) {
        servedInParts(() -> same(
                tested.releaseOpens(space, handles, only.map(Pair::tested)),
                model.releaseOpens(space, handles, only.map(Pair::model))));
    }

    /**
     * A session ends in several steps of a store: its waiters, then its locks; and the last open of a handle frees what two
     * queues wait for, of opens and of ranges. What each of these frees is served in order of arrival, so tokens of locks
     * that have no byte in common may come in another order than from the model, which does it in one.
     */
    private void servedInParts(Runnable end) {
        waiters.forEach(waiter -> poll(waiter, Optional.empty()));
        givenInParts.clear();
        end.run();
        isInParts = true;
        waiters.forEach(waiter -> poll(waiter, Optional.empty()));
        isInParts = false;
    }

    private void sweep() {
        await(tested.sweep());
        await(model.sweep());
    }

    // --------------------------------------------------------------------------------------------------------- queues

    private void wait(Op.Ask ask, Duration wait) {
        bothUnlessGone((t, inTested) -> queue(inTested).acquire(space, spec(inTested, ask), wait))
                .ifPresent(answers -> sameQueueing(ask, answers));
    }

    private LockQueue queue(boolean inTested) {
        return inTested ? testedQueues.queue() : model.queue();
    }

    private void sameQueueing(Op.Ask ask, Pair<Queueing> answers) {
        sameKind(answers);
        if (answers.tested() instanceof Queueing.Decided(Acquisition a)
                && answers.model() instanceof Queueing.Decided(Acquisition b)) {
            same(ask, new Pair<>(a, b));
        } else if (answers.tested() instanceof Queueing.Queued a && answers.model() instanceof Queueing.Queued b) {
            int known = number(b.id(), false);
            assertThat(number(a.id(), true)).as("waiter").isEqualTo(known);
            if (known < 0) {
                waiters.add(new Queued(new Pair<>(a.id(), b.id()), ask));
            }
        } else {
            same(answers);
        }
    }

    private List<Queued> which(Predicate<WaitOutcome> outcome) {
        return waiters.stream()
                .filter(waiter ->
                        outcome.test(await(model.queue().poll(waiter.id().model(), Optional.empty()))))
                .toList();
    }

    private static boolean isProvisional(WaitOutcome outcome) {
        return outcome instanceof WaitOutcome.Granted(Grant grant) && grant.stage() instanceof Grant.Provisional;
    }

    private Optional<Pair<Grant>> poll(Queued waiter, Optional<String> principal) {
        WaitOutcome a = await(testedQueues.queue().poll(waiter.id().tested(), principal));
        WaitOutcome b = await(model.queue().poll(waiter.id().model(), principal));
        sameKind(new Pair<>(a, b));
        if (a instanceof WaitOutcome.Granted(Grant ga) && b instanceof WaitOutcome.Granted(Grant gb)) {
            sameGrant(ga, gb);
            return Optional.of(new Pair<>(ga, gb));
        }
        if (a instanceof WaitOutcome.Waiting wa && b instanceof WaitOutcome.Waiting wb) {
            sameWaiter(wa.waiter(), wb.waiter());
            assertThat(wa.position()).as("position").isEqualTo(wb.position());
            assertThat(wa.pollWithin().minus(wb.pollWithin()).abs())
                    .as("difference of %s and %s", wa.pollWithin(), wb.pollWithin())
                    .isLessThan(ABOUT);
            boolean more = wb.blockers().size() == Conflict.MAX_BLOCKERS;
            sameBlockers(waiter.ask(), wa.blockers(), wb.blockers(), more, true);
        } else if (a instanceof WaitOutcome.TimedOut(Waiter wa) && b instanceof WaitOutcome.TimedOut(Waiter wb)) {
            sameWaiter(wa, wb);
        } else if (a instanceof WaitOutcome.SessionEnded(SessionId sa)
                && b instanceof WaitOutcome.SessionEnded(SessionId sb)) {
            assertThat(number(sa, true)).as("session").isEqualTo(number(sb, false));
        } else {
            same(new Pair<>(a, b));
        }
        return Optional.empty();
    }

    private void sameWaiter(Waiter a, Waiter b) {
        assertThat(number(a.id(), true)).as("waiter %s", b).isEqualTo(number(b.id(), false));
        sameQueued(a.asked(), b.asked());
        assertThat(a.left().minus(b.left()).abs())
                .as("difference of %s and %s", a.left(), b.left())
                .isLessThan(ABOUT);
    }

    private int number(WaiterId id, boolean inTested) {
        return waiters.stream()
                .map(w -> inTested ? w.id().tested() : w.id().model())
                .toList()
                .indexOf(id);
    }

    private void confirm(Queued waiter) {
        poll(waiter, Optional.of(waiter.ask().owner().principal())).ifPresent(grant -> {
            Protocol protocol = grant.model().protocol();
            String principal = grant.model().owner().principal();
            Renewal a = await(tested.confirm(grant.tested().id(), protocol, principal));
            Renewal b = await(model.confirm(grant.model().id(), protocol, principal));
            sameRenewal(a, b);
            granted.add(waiter.ask());
        });
    }

    private void expire(int ago, Duration by, Predicate<WaitOutcome> which) {
        back(which(which), ago).ifPresent(waiter -> {
            testedQueues.age(waiter.id().tested(), by);
            model.queue().age(waiter.id().model(), by);
            sweep();
        });
    }

    private void sameWaiters() {
        for (GrantFilter all : lists()) {
            List<Waiter> a = await(testedQueues.queue().list(all, Cursor.START, WHOLE_SPACE))
                    .waiters();
            List<Waiter> b =
                    await(model.queue().list(all, Cursor.START, WHOLE_SPACE)).waiters();
            assertThat(a).as("waiters of %s", all).hasSameSizeAs(b);
            for (int i = 0; i < b.size(); i++) {
                sameWaiter(a.get(i), b.get(i));
            }
        }
        waiters.forEach(waiter -> poll(waiter, Optional.empty()));
        sameOwnersInTheWay();
    }

    /** Through whomever: what stands in the way of one that stands in the way may be left out. */
    private void sameOwnersInTheWay() {
        Set<WaiterId> a = waiters.stream().map(waiter -> waiter.id().tested()).collect(Collectors.toSet());
        Set<WaiterId> b = waiters.stream().map(waiter -> waiter.id().model()).collect(Collectors.toSet());
        List<Wait> testedWaits = await(testedQueues.graph().waits(a));
        List<Wait> modelWaits = await(model.queue().graph().waits(b));
        assertThat(testedWaits).as("waits").hasSameSizeAs(modelWaits);
        for (Queued waiter : waiters) {
            assertThat(ahead(testedWaits, waiter.id().tested()))
                    .as("owners ahead of %s", waiter)
                    .isEqualTo(ahead(modelWaits, waiter.id().model()));
        }
        Set<Owner> owners =
                modelWaits.stream().map(wait -> wait.waiter().asked().owner()).collect(Collectors.toSet());
        assertThat(await(testedQueues.graph().waitsOf(owners)))
                .as("waits by owner")
                .extracting(wait -> wait.waiter().id())
                .containsExactlyInAnyOrderElementsOf(
                        testedWaits.stream().map(wait -> wait.waiter().id()).toList());
    }

    /** The owners of all that must happen first, as seen through the requests before it in the queue. */
    private static Set<Owner> ahead(List<Wait> waits, WaiterId id) {
        Set<Owner> ahead = new HashSet<>();
        Set<WaiterId> seen = new HashSet<>();
        List<WaiterId> next = new ArrayList<>(List.of(id));
        while (!next.isEmpty()) {
            WaiterId one = next.removeLast();
            waits.stream()
                    .filter(wait -> wait.waiter().id().equals(one) && seen.add(one))
                    .forEach(wait -> {
                        if (!one.equals(id)) {
                            ahead.add(wait.waiter().asked().owner());
                        }
                        ahead.addAll(wait.holders());
                        next.addAll(wait.behind());
                    });
        }
        return ahead;
    }

    private void release(UnlockSpec unlock) {
        sameRelease(both(t -> t.release(space, unlock)));
    }

    private void sameRelease(Pair<Release> answers) {
        if (answers.tested() instanceof Release.Released a && answers.model() instanceof Release.Released b) {
            assertThat(a.grants()).as("released").isEqualTo(b.grants());
            sameGrants(a.left().grants(), b.left().grants());
        } else {
            same(answers);
        }
    }

    private void check(int ago, ByteRange range) {
        back(tokens, ago)
                .ifPresent(token -> sameCheck(
                        range,
                        await(tested.check(space, range, token.tested())),
                        await(model.check(space, range, token.model()))));
    }

    /**
     * A call under a key.
     *
     * @param ask of an acquire
     */
    private record Keyed(KeyedCall call, Op.@Nullable Ask ask) {}

    private IdempotencyKey key(String principal) {
        return new IdempotencyKey(principal, space.fileId() + "-" + keyed.size(), "request");
    }

    private void once(KeyedCall call, Op.@Nullable Ask ask) {
        keyed.add(new Keyed(call, ask));
        again(call, ask);
    }

    private void again(KeyedCall call, Op.@Nullable Ask ask) {
        Pair<Object> answers = new Pair<>(answer(call, true), answer(call, false));
        if (answers.tested() instanceof Acquisition a && answers.model() instanceof Acquisition b && ask != null) {
            same(ask, new Pair<>(a, b));
        } else if (answers.tested() instanceof Queueing a && answers.model() instanceof Queueing b && ask != null) {
            sameQueueing(ask, new Pair<>(a, b));
        } else if (answers.tested() instanceof Release a && answers.model() instanceof Release b) {
            sameRelease(new Pair<>(a, b));
        } else {
            same(answers);
        }
    }

    /** Or why a key was refused. */
    private Object answer(KeyedCall call, boolean inTested) {
        try {
            return Objects.requireNonNull(await(call.on(inTested ? tested : model, inTested)));
        } catch (IdempotencyKeyException refused) {
            return refused.reason();
        }
    }

    private void acquire(Op.Ask ask) {
        bothUnlessGone((t, inTested) -> t.acquire(space, spec(inTested, ask))).ifPresent(answers -> same(ask, answers));
    }

    private void same(Op.Ask ask, Pair<Acquisition> answers) {
        sameKind(answers);
        if (answers.tested() instanceof Acquisition.Granted a && answers.model() instanceof Acquisition.Granted b) {
            sameGrant(a.grant(), b.grant());
            sameGrants(a.changed(), b.changed());
            granted.add(ask);
        } else if (answers.tested() instanceof Acquisition.Refused(Conflict a)
                && answers.model() instanceof Acquisition.Refused(Conflict b)) {
            sameConflict(ask, new Pair<>(Optional.of(a), Optional.of(b)), true);
        } else {
            same(answers);
        }
    }

    private void batch(Op.Batch batch) {
        List<UnlockSpec> unlocks = batch.unlocks().stream().map(Op.Unask::spec).toList();
        bothUnlessGone((t, inTested) -> t.batch(
                        space,
                        unlocks,
                        batch.locks().stream().map(ask -> spec(inTested, ask)).toList()))
                .ifPresent(answers -> sameBatch(batch, answers));
    }

    private void sameBatch(Op.Batch batch, Pair<BatchOutcome> answers) {
        List<Op.Ask> locks = batch.locks();
        sameKind(answers);
        if (answers.tested() instanceof BatchOutcome.Done done && answers.model() instanceof BatchOutcome.Done should) {
            assertThat(done.released()).as("released").isEqualTo(should.released());
            List<Grant> a = done.grants();
            List<Grant> b = should.grants();
            assertThat(a).as("grants of the batch").hasSameSizeAs(b);
            for (int i = 0; i < b.size(); i++) {
                // A later lock of the batch may have cut an earlier one; which part then stands for it is not said.
                if (b.get(i).range().equals(locks.get(i).range())
                        || b.get(i).range().covers(locks.get(i).range())) {
                    sameGrant(a.get(i), b.get(i));
                }
            }
            if (a.stream()
                    .map(g -> g.range() + " " + g.owner())
                    .toList()
                    .equals(b.stream().map(g -> g.range() + " " + g.owner()).toList())) {
                sameGrants(done.changed().grants(), should.changed().grants());
            }
            granted.addAll(batch.locks());
        } else if (answers.tested() instanceof BatchOutcome.Refused(int i, Conflict a)
                && answers.model() instanceof BatchOutcome.Refused(int j, Conflict b)) {
            assertThat(i).as("index of the refused lock").isEqualTo(j);
            // The blockers may be locks of this very batch, which never came to stand: their names mean nothing.
            sameConflict(batch.locks().get(i), new Pair<>(Optional.of(a), Optional.of(b)), false);
        } else {
            same(answers);
        }
    }

    private void open(String principal, String name, Duration ttl) {
        Pair<SessionOpening> answers = new Pair<>(
                await(testedSessions.table().open(principal, name, ttl)),
                await(model.sessions().open(principal, name, ttl)));
        sameKind(answers);
        if (answers.tested() instanceof SessionOpening.Opened(Session a)
                && answers.model() instanceof SessionOpening.Opened(Session b)) {
            sessions.add(new Pair<>(a.id(), b.id()));
        }
    }

    private void sameBeat(SessionRenewal a, SessionRenewal b) {
        sameKind(new Pair<>(a, b));
        if (a instanceof SessionRenewal.Renewed ra && b instanceof SessionRenewal.Renewed rb) {
            assertThat(ra.more()).as("more lost").isEqualTo(rb.more());
            assertThat(lost(ra.lost())).as("lost").isEqualTo(lost(rb.lost()));
        }
    }

    private static List<String> lost(List<Grant> grants) {
        return grants.stream()
                .map(g -> g.protocol() + " " + g.modes() + " " + g.range() + " " + g.owner())
                .sorted()
                .toList();
    }

    private LockSpec spec(boolean inTested, Op.Ask ask) {
        return ask.spec(
                sessions.stream().map(id -> inTested ? id.tested() : id.model()).toList());
    }

    /** Both answers; nothing when both say that the session is gone, in the same way. */
    private <T> Optional<Pair<T>> bothUnlessGone(AskingCall<T> call) {
        List<T> answers = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (boolean inTested : new boolean[] {true, false}) {
            try {
                answers.add(await(call.on(inTested ? tested : model, inTested)));
                gone.add("");
            } catch (SessionGoneException e) {
                gone.add(e.wasKnown() ? "ended" : "unknown");
            }
        }
        assertThat(gone.getFirst()).as("session").isEqualTo(gone.getLast());
        return answers.size() == 2 ? Optional.of(new Pair<>(answers.getFirst(), answers.getLast())) : Optional.empty();
    }

    private void sameRenewal(Renewal a, Renewal b) {
        if (a instanceof Renewal.Renewed ra && b instanceof Renewal.Renewed rb) {
            sameGrant(ra.grant(), rb.grant());
            assertThat(ra.more()).as("more lost").isEqualTo(rb.more());
            assertThat(lost(ra.lost())).as("lost").isEqualTo(lost(rb.lost()));
        } else {
            assertThat(a).as("renewal").isEqualTo(b);
        }
    }

    private void sameCheck(ByteRange range, FenceCheck a, FenceCheck b) {
        assertThat(a.getClass()).as("fence check of %s", range).isEqualTo(b.getClass());
        if (a instanceof FenceCheck.Valid(Grant ga) && b instanceof FenceCheck.Valid(Grant gb)) {
            sameGrant(ga, gb);
        }
    }

    // ------------------------------------------------------------------------------------------------------ conflicts

    private void sameConflict(Op.Ask ask, Pair<Optional<Conflict>> answers, boolean named) {
        assertThat(answers.tested().isPresent())
                .as("conflict")
                .isEqualTo(answers.model().isPresent());
        if (answers.model().isEmpty()) {
            return;
        }
        Conflict a = answers.tested().orElseThrow();
        Conflict b = answers.model().get();
        assertThat(a.more()).as("more blockers").isEqualTo(b.more());
        assertThat(firsts(ask, a)).as("first bytes of the blockers").isEqualTo(firsts(ask, b));
        assertThat(hours(a.retryAfter())).as("retry after").isEqualTo(hours(b.retryAfter()));
        long end = end(ask, b.blockers());
        sameBlockers(ask, a.blockers(), b.blockers(), b.more(), named);
        assertThat(b.more() ? freeBefore(end, a) : joined(a.free()))
                .as("free parts")
                .isEqualTo(b.more() ? freeBefore(end, b) : joined(b.free()));
    }

    /** Grants, and behind them what is queued, in order of arrival. */
    private void sameBlockers(Op.Ask ask, List<Grant> a, List<Grant> b, boolean more, boolean named) {
        assertThat(a).as("blockers").hasSameSizeAs(b);
        List<Grant> held = b.stream().takeWhile(DifferentialTest::isHeld).toList();
        List<Grant> heldInTested = a.subList(0, held.size());
        for (int i = held.size(); i < b.size(); i++) {
            sameQueued(a.get(i), b.get(i));
        }
        if (more && held.size() == b.size()) {
            // Which of the blockers that begin at the same last byte are listed is not said.
            long end = end(ask, held);
            heldInTested = before(ask, end, heldInTested);
            held = before(ask, end, held);
        }
        if (named) {
            sameGrants(heldInTested, held);
        } else {
            assertThat(described(heldInTested)).as("blockers").isEqualTo(described(held));
        }
    }

    private static boolean isHeld(Grant grant) {
        return grant.stage() instanceof Grant.Held;
    }

    /** Provisional, or waiting: then its id names nothing. */
    private void sameQueued(Grant a, Grant b) {
        if (b.stage() instanceof Grant.Provisional) {
            sameGrant(a, b);
            return;
        }
        assertThat(described(a)).isEqualTo(described(b));
        assertThat(a.token()).as("token of a waiter").isEqualTo(b.token());
        sameSession(a, b);
    }

    /** The last byte at which a blocker begins. */
    private static long end(Op.Ask ask, List<Grant> blockers) {
        return blockers.stream()
                .map(g -> firstInside(ask, g))
                .max(Long::compareUnsigned)
                .orElseThrow();
    }

    private static long firstInside(Op.Ask ask, Grant blocker) {
        long asked = ask.range().first();
        return Long.compareUnsigned(blocker.range().first(), asked) < 0
                ? asked
                : blocker.range().first();
    }

    private static List<String> firsts(Op.Ask ask, Conflict conflict) {
        return conflict.blockers().stream()
                .map(g -> Long.toUnsignedString(firstInside(ask, g)))
                .toList();
    }

    private static List<Grant> before(Op.Ask ask, long end, List<Grant> blockers) {
        return blockers.stream()
                .filter(g -> Long.compareUnsigned(firstInside(ask, g), end) < 0)
                .toList();
    }

    private static List<ByteRange> freeBefore(long end, Conflict conflict) {
        return joined(conflict.free()).stream()
                .filter(r -> Long.compareUnsigned(r.first(), end) < 0)
                .map(r -> Long.compareUnsigned(r.last(), end) < 0 ? r : ByteRange.between(r.first(), end - 1))
                .toList();
    }

    /** Free parts that touch are one: a zero-length lock between them holds no byte. */
    private static List<ByteRange> joined(List<ByteRange> parts) {
        List<ByteRange> joined = new ArrayList<>();
        for (ByteRange part : parts) {
            if (!joined.isEmpty() && joined.getLast().last() + 1 == part.first()) {
                joined.add(ByteRange.between(joined.removeLast().first(), part.last()));
            } else {
                joined.add(part);
            }
        }
        return joined;
    }

    // ---------------------------------------------------------------------------------------------------------- state

    private void sameState() {
        sameGrants(grants(tested), grants(model));
        if (!waiters.isEmpty()) {
            sameWaiters();
        }
    }

    private List<Grant> grants(RangeLockTable table) {
        List<Grant> grants = new ArrayList<>();
        for (GrantFilter all : lists()) {
            grants.addAll(await(table.list(all, Cursor.START, WHOLE_SPACE)).grants());
        }
        return grants;
    }

    /** What has to be listed to see all of the space. */
    private List<GrantFilter> lists() {
        List<GrantFilter> lists = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            lists.add(GrantFilter.ofFile(protocol, space.fileId(), space.snapshotId()));
        }
        lists.add(GrantFilter.ofFile(Protocol.SMB, space.fileId(), space.snapshotId())
                .ofType(LockType.SHARE_MODE));
        return lists;
    }

    private void empty() {
        waiters.forEach(waiter -> {
            await(testedQueues.queue().withdraw(waiter.id().tested(), Optional.empty()));
            await(model.queue().withdraw(waiter.id().model(), Optional.empty()));
        });
        for (GrantFilter all : lists()) {
            await(tested.releaseAll(all));
            await(model.releaseAll(all));
        }
        sessions.forEach(id -> await(testedSessions.table().end(id.tested(), Optional.empty())));
    }

    private void sameGrants(List<Grant> a, List<Grant> b) {
        Map<String, Grant> inTested = byPlace(a, idInModel);
        Map<String, Grant> inModel = byPlace(b, Map.of());
        assertThat(inTested.keySet()).as("grants").isEqualTo(inModel.keySet());
        inModel.forEach((place, grant) -> sameGrant(Objects.requireNonNull(inTested.get(place)), grant));
    }

    /**
     * POSIX: what an owner holds is told apart by its bytes, and a split makes ids nobody has seen yet. SMB: equal
     * locks stack, but every id was in the answer to an acquire.
     */
    private static Map<String, Grant> byPlace(List<Grant> grants, Map<GrantId, GrantId> translation) {
        Map<String, Grant> byPlace = new TreeMap<>();
        for (Grant grant : grants) {
            String place = grant.protocol() == Protocol.SMB
                    ? grant.range() + " " + translation.getOrDefault(grant.id(), grant.id())
                    : grant.range() + " " + grant.owner();
            assertThat(byPlace.put(place, grant))
                    .as("a second grant at %s", place)
                    .isNull();
        }
        return byPlace;
    }

    private void sameGrant(Grant a, Grant b) {
        assertThat(described(a)).isEqualTo(described(b));
        assertThat(a.id()).as("id of %s", b).isEqualTo(idInTested.getOrDefault(b.id(), a.id()));
        assertThat(b.id()).as("model's id of %s", a).isEqualTo(idInModel.getOrDefault(a.id(), b.id()));
        if (idInTested.put(b.id(), a.id()) == null) {
            idInModel.put(a.id(), b.id());
            ids.add(new Pair<>(a.id(), b.id()));
        }
        sameToken(a.token(), b.token());
        sameSession(a, b);
    }

    private void sameSession(Grant a, Grant b) {
        assertThat(a.session().map(id -> number(id, true)))
                .as("session of %s", b)
                .isEqualTo(b.session().map(id -> number(id, false)));
    }

    private int number(SessionId id, boolean inTested) {
        return sessions.stream()
                .map(s -> inTested ? s.tested() : s.model())
                .toList()
                .indexOf(id);
    }

    private void sameToken(FencingToken a, FencingToken b) {
        assertThat(a).as("token").isEqualTo(tokenInTested.getOrDefault(b, a));
        assertThat(b).as("model's token").isEqualTo(tokenInModel.getOrDefault(a, b));
        if (tokenInTested.put(b, a) == null) {
            tokenInModel.put(a, b);
            tokens.add(new Pair<>(a, b));
            var lower = tokenInTested.lowerEntry(b);
            var higher = tokenInTested.higherEntry(b);
            if (isInParts) {
                givenInParts.add(b);
                while (lower != null && givenInParts.contains(lower.getKey())) {
                    lower = tokenInTested.lowerEntry(lower.getKey());
                }
                while (higher != null && givenInParts.contains(higher.getKey())) {
                    higher = tokenInTested.higherEntry(higher.getKey());
                }
            }
            assertThat(lower == null || lower.getValue().compareTo(a) < 0)
                    .as("token %s is larger than those before it", a)
                    .isTrue();
            assertThat(higher == null || higher.getValue().compareTo(a) > 0)
                    .as("token %s is smaller than those after it", a)
                    .isTrue();
        }
    }

    private static List<String> described(List<Grant> grants) {
        return grants.stream()
                .sorted(Comparator.comparing(DifferentialTest::described))
                .map(DifferentialTest::described)
                .toList();
    }

    private static String described(Grant g) {
        return "%s %s %s%s %s %s %s %s %s %s"
                .formatted(
                        g.stage().getClass().getSimpleName(),
                        g.protocol(),
                        g.modes(),
                        g.range(),
                        g.owner(),
                        g.ownerAddress(),
                        g.nodeAddress(),
                        g.space(),
                        g.leased() ? "leased" : "until released",
                        hours(g.expiresIn()));
    }

    private static @Nullable Long hours(@Nullable Duration left) {
        return left == null ? null : left.plusMinutes(30).toHours();
    }

    // --------------------------------------------------------------------------------------------------------- both

    private interface Call<T> {
        Uni<T> on(RangeLockTable table);
    }

    private interface KeyedCall {
        Uni<?> on(RangeLockTable table, boolean inTested);
    }

    /** A call that may name a session of the table. */
    private interface AskingCall<T> {
        Uni<T> on(RangeLockTable table, boolean inTested);
    }

    private <T> Pair<T> both(Call<T> call) {
        return new Pair<>(await(call.on(tested)), await(call.on(model)));
    }

    private static <T> T await(Uni<T> answer) {
        return answer.await().atMost(PATIENCE);
    }

    private static void same(Pair<?> answers) {
        assertThat(answers.tested()).as("answer").isEqualTo(answers.model());
    }

    private static <T> void same(Uni<T> a, Uni<T> b) {
        same(new Pair<>(await(a), await(b)));
    }

    private static void sameKind(Pair<?> answers) {
        assertThat(answers.tested().getClass())
                .as("answer %s, the model says %s", answers.tested(), answers.model())
                .isEqualTo(answers.model().getClass());
    }

    private static <T> Optional<T> back(List<T> history, int ago) {
        return history.isEmpty()
                ? Optional.empty()
                : Optional.of(history.get(history.size() - 1 - ago % history.size()));
    }
}
