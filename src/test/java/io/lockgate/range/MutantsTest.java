package io.lockgate.range;

import static java.util.Objects.requireNonNull;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * A random comparison that never fails proves nothing. Here it is given tables with one known mistake, and must find
 * each of them and shrink it to a walk short enough to read.
 */
@PropertyDefaults(
        tries = 500,
        generation = GenerationMode.RANDOMIZED,
        edgeCases = EdgeCasesMode.NONE,
        shrinking = ShrinkingMode.FULL)
@AddLifecycleHook(value = MutantsTest.MustFailShortly.class, propagateTo = PropagationMode.ALL_DESCENDANTS)
class MutantsTest {
    private static final int MOST_STEPS = 6;

    /** Always the same: from some others a walk cannot be made shorter step by step, though shorter ones exist. */
    private static final String SEED = "20261130";

    @Property(seed = SEED)
    @Label("Finds a table that does not merge adjacent locks")
    void finds_that_neighbours_are_not_merged(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.ForgetsToMergeNeighbours(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table whose ranges end one byte late")
    void finds_that_a_range_ends_one_byte_late(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.EndsOneByteLate(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that compares offsets as signed numbers")
    void finds_that_offsets_are_compared_as_signed(@ForAll("edges") List<Op> walk) {
        compare(new Mutants.ComparesSigned(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that rounds offsets")
    void finds_that_offsets_are_rounded(@ForAll("edges") List<Op> walk) {
        compare(new Mutants.RoundsOffsets(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that ignores owner names")
    void finds_that_owner_names_are_ignored(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.IgnoresOwnerName(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that merges locks of different protocols")
    void finds_that_protocols_are_merged(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.MergesAcrossProtocols(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that forgets the tokens of absorbed locks")
    void finds_that_absorbed_tokens_are_forgotten(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.ForgetsAbsorbedTokens(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that forgets the tokens of a split's right part")
    void finds_that_the_right_part_of_a_split_forgets_its_tokens(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.ForgetsTokensOfTheRightPart(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that keeps the old deadline when an acquire is repeated")
    void finds_that_a_repeat_keeps_the_old_deadline(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.KeepsTheOldDeadline(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that refuses a shared lock over the handle's own exclusive one")
    void finds_that_shared_over_own_exclusive_is_refused(@ForAll("smb") List<Op> walk) {
        compare(new Mutants.RefusesSharedOverOwnExclusive(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which a zero-length lock conflicts at the edge of a range")
    void finds_that_a_zero_length_lock_meets_an_edge(@ForAll("smb") List<Op> walk) {
        compare(new Mutants.ZeroLengthMeetsTheEdge(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that releases stacked locks in the wrong order")
    void finds_that_stacked_locks_are_freed_in_the_wrong_order(@ForAll("smb") List<Op> walk) {
        compare(new Mutants.UnlocksTheOldestFirst(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that names one of two grants that a call has cut or made")
    void finds_that_a_changed_grant_is_not_told(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.TellsOfOneChangedGrant(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that does the work again under a key")
    void finds_that_a_key_is_forgotten(@ForAll("posix") List<Op> walk) {
        compare(new Mutants.ForgetsKeys(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which a new owner id evades the limit of grants")
    void finds_that_a_new_owner_evades_the_limit_of_grants(@ForAll("posix") List<Op> walk) {
        var model = new InMemoryRangeLockTable(
                System::currentTimeMillis,
                false,
                EngineDifferentialTest.RANGES_PER_OWNER_AND_SPACE,
                Mutants.CountsGrantsByOwner.GRANTS);
        DifferentialTest.holdsFor(new Mutants.CountsGrantsByOwner(), model, LockSpace.head(7), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that merges locks of different sessions")
    void finds_that_sessions_are_merged(@ForAll("inSessions") List<Op> walk) {
        compareSessions(new Mutants.MergesAcrossSessions(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that keeps the locks of sessions that have ended")
    void finds_that_ended_sessions_keep_their_locks(@ForAll("inSessions") List<Op> walk) {
        compareSessions(new Mutants.KeepsLocksOfEndedSessions(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which a request passes those that wait in front of it")
    void finds_that_waiters_in_front_are_ignored(@ForAll("posixWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.IgnoresWaitersInFront::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that serves whoever came last first")
    void finds_that_a_queue_is_served_out_of_order(@ForAll("posixWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.ServesOutOfOrder::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that does not serve the queue when a grant is cut")
    void finds_that_a_trim_serves_nobody(@ForAll("posixWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.ForgetsToServeAfterATrim::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that merges what it grants from the queue before it is confirmed")
    void finds_that_a_provisional_grant_is_merged(@ForAll("posixWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.MergesAtOnce::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that keeps a grant that nobody has confirmed")
    void finds_that_an_unconfirmed_grant_is_kept(@ForAll("posixWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.KeepsUnconfirmedGrants::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which an upgrade waits for those who wait for its owner")
    void finds_that_an_upgrade_is_held_back(@ForAll("posixWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.HoldsBackUpgrades::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which a waiter holds back a handle that has the bytes already")
    void finds_that_a_holder_is_held_back(@ForAll("smbWaiting") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.HoldsBackHolders::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that keeps the waiters of sessions that have ended")
    void finds_that_ended_sessions_keep_their_waiters(@ForAll("waitingInSessions") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.KeepsWaitersOfEndedSessions::new), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which ranges outlive the last open of their handle")
    void finds_that_ranges_outlive_the_last_open(@ForAll("opens") List<Op> walk) {
        compare(new Mutants.KeepsRangesOfClosedHandles(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which ranges outlive an open that has expired")
    void finds_that_ranges_outlive_an_expired_open(@ForAll("opensInSessions") List<Op> walk) {
        compareSessions(new Mutants.KeepsRangesWhenOpensExpire(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which a handle's own opens do not conflict")
    void finds_that_a_handle_shares_with_itself(@ForAll("opens") List<Op> walk) {
        compare(new Mutants.SharesWithItself(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table that ignores what a new open denies to those that stand")
    void finds_that_one_side_of_sharing_is_ignored(@ForAll("opens") List<Op> walk) {
        compare(new Mutants.LooksOnlyAtWhatStandingOpensDeny(), walk);
    }

    @Property(seed = SEED)
    @Label("Finds a table in which several opens together let a handle pass who waits")
    void finds_that_opens_are_counted_together(@ForAll("waitingOpens") List<Op> walk) {
        compareQueues(Mutants.with(Mutants.CountsOpensTogether::new), walk);
    }

    private static void compareQueues(InMemoryRangeLockTable buggy, List<Op> walk) {
        var sessions = new InMemoryLockQueueTest.InMemorySessions(buggy);
        var queues = new InMemoryLockQueueTest.InMemoryQueues(buggy);
        DifferentialTest.holdsFor(buggy, sessions, queues, model(), LockSpace.head(7), walk);
    }

    private static void compareSessions(InMemoryRangeLockTable buggy, List<Op> walk) {
        var sessions = new InMemoryLockQueueTest.InMemorySessions(buggy);
        DifferentialTest.holdsFor(buggy, sessions, model(), LockSpace.head(7), walk);
    }

    private static InMemoryRangeLockTable model() {
        return new InMemoryRangeLockTable(
                System::currentTimeMillis, false, EngineDifferentialTest.RANGES_PER_OWNER_AND_SPACE);
    }

    private static void compare(RangeLockTable buggy, List<Op> walk) {
        DifferentialTest.holdsFor(buggy, model(), LockSpace.head(7), walk);
    }

    @Provide
    Arbitrary<List<Op>> opens() {
        return OpArbitraries.walksWithOpens();
    }

    @Provide
    Arbitrary<List<Op>> opensInSessions() {
        return OpArbitraries.walksWithOpensAndSessions();
    }

    @Provide
    Arbitrary<List<Op>> waitingOpens() {
        return OpArbitraries.walksWithWaitingOpens(OpArbitraries.SMB);
    }

    @Provide
    Arbitrary<List<Op>> posixWaiting() {
        return OpArbitraries.walksWithQueues(OpArbitraries.POSIX);
    }

    @Provide
    Arbitrary<List<Op>> smbWaiting() {
        return OpArbitraries.walksWithQueues(OpArbitraries.SMB);
    }

    @Provide
    Arbitrary<List<Op>> waitingInSessions() {
        return OpArbitraries.walksWithQueuesAndSessions(OpArbitraries.POSIX);
    }

    @Provide
    Arbitrary<List<Op>> inSessions() {
        return OpArbitraries.walksWithSessions(OpArbitraries.POSIX, OpArbitraries.AROUND_ZERO);
    }

    @Provide
    Arbitrary<List<Op>> posix() {
        return OpArbitraries.walks(OpArbitraries.POSIX, OpArbitraries.AROUND_ZERO);
    }

    @Provide
    Arbitrary<List<Op>> edges() {
        return OpArbitraries.walks(OpArbitraries.POSIX, OpArbitraries.AT_THE_EDGES);
    }

    @Provide
    Arbitrary<List<Op>> smb() {
        return OpArbitraries.walks(OpArbitraries.SMB, OpArbitraries.NARROW);
    }

    /** Turns a failure with a short walk into a success, and everything else into a failure. */
    static final class MustFailShortly implements AroundPropertyHook {
        @Override
        public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
            PropertyExecutionResult result = property.execute();
            if (result.status() != PropertyExecutionResult.Status.FAILED) {
                return result.mapToFailed("the seeded bug was not found");
            }
            List<?> walk = (List<?>)
                    requireNonNull(result.falsifiedParameters().orElseThrow().getFirst());
            return walk.size() <= MOST_STEPS
                    ? result.mapToSuccessful()
                    : result.mapToFailed("shrunk to " + walk.size() + " steps only: " + walk);
        }
    }
}
