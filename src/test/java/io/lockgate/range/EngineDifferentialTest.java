package io.lockgate.range;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * A table answers every call, and stands after every call, as {@link InMemoryRangeLockTable} does, whatever the calls.
 *
 * <p>To put another store under test, extend this and give its {@link #table()}; each walk uses a space of its own and
 * empties it, so the store may be shared and need not be flushed. One run makes about
 * 6,000 walks of 60 steps on average, unless a subclass asks for fewer: 360,000 steps, each a call, and about half a call
 * more a step to compare states.
 * A failing walk is shrunk to a short one and printed; jqwik repeats its seed on the next run.
 */
@PropertyDefaults(
        tries = 500,
        generation = GenerationMode.RANDOMIZED,
        edgeCases = EdgeCasesMode.NONE,
        shrinking = ShrinkingMode.BOUNDED)
public abstract class EngineDifferentialTest {
    /** More than any walk can reach, so that the limit does not decide. The table under test must allow as many. */
    public static final long RANGES_PER_OWNER_AND_SPACE = 4_096;

    /** So few grants for a principal and bucket that walks meet the limit again and again. */
    public static final int GRANTS = 5;

    /** The table under test, in which POSIX and SMB are isolated. */
    protected abstract RangeLockTable table();

    /** The same with {@code cross-protocol=enforced}; empty leaves that property out. */
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.empty();
    }

    /** The same with {@link #GRANTS}; empty leaves that property out. No walk but one at a time may use it. */
    protected Optional<RangeLockTable> tableWithGrantLimit() {
        return Optional.empty();
    }

    /** The sessions of {@link #table()}; empty leaves that property out. */
    protected Optional<DifferentialTest.Sessions> sessions() {
        return Optional.empty();
    }

    /** The queues of {@link #table()}; empty leaves those properties out. */
    protected Optional<DifferentialTest.Queues> queues() {
        return Optional.empty();
    }

    /** The queues of {@link #enforcedTable()}; empty leaves that property out. */
    protected Optional<DifferentialTest.Queues> enforcedQueues() {
        return Optional.empty();
    }

    /** A space nobody else uses. */
    protected LockSpace freshSpace() {
        return LockSpace.head(ThreadLocalRandom.current().nextLong(1L << 61));
    }

    private static InMemoryRangeLockTable model(boolean enforced) {
        return new InMemoryRangeLockTable(System::currentTimeMillis, enforced, RANGES_PER_OWNER_AND_SPACE);
    }

    @Property
    @Label("POSIX calls on small crowded ranges are answered as the model answers them")
    public void posixAgreesWhereSmallRangesCrowd(@ForAll("posixAroundZero") List<Op> walk) {
        DifferentialTest.holdsFor(table(), model(false), freshSpace(), walk);
    }

    @Property
    @Label("POSIX calls near 2^53, 2^63 and 2^64 are answered as the model answers them")
    public void posixAgreesAtTheEdgesOfDoublesAndLongs(@ForAll("posixAtTheEdges") List<Op> walk) {
        DifferentialTest.holdsFor(table(), model(false), freshSpace(), walk);
    }

    @Property
    @Label("SMB calls on small crowded ranges are answered as the model answers them")
    public void smbAgreesWhereSmallRangesCrowd(@ForAll("smbAroundZero") List<Op> walk) {
        DifferentialTest.holdsFor(table(), model(false), freshSpace(), walk);
    }

    @Property
    @Label("POSIX and SMB calls side by side are answered as the model answers them")
    public void bothEnginesAgreeSideBySide(@ForAll("allAtTheEdges") List<Op> walk) {
        DifferentialTest.holdsFor(table(), model(false), freshSpace(), walk);
    }

    @Property
    @Label("Locks in sessions, which end and expire, are answered as the model answers them")
    public void sessionsAgree(@ForAll("inSessions") List<Op> walk) {
        sessions()
                .ifPresent(sessions -> DifferentialTest.holdsFor(table(), sessions, model(false), freshSpace(), walk));
    }

    @Property(tries = 500)
    @Label("POSIX requests that wait are queued, served and lost as the model has it")
    public void posixQueuesAgree(@ForAll("posixWaiting") List<Op> walk) {
        queues().ifPresent(queues -> DifferentialTest.holdsFor(table(), queues, model(false), freshSpace(), walk));
    }

    @Property(tries = 500)
    @Label("SMB requests that wait are queued, served and lost as the model has it")
    public void smbQueuesAgree(@ForAll("smbWaiting") List<Op> walk) {
        queues().ifPresent(queues -> DifferentialTest.holdsFor(table(), queues, model(false), freshSpace(), walk));
    }

    @Property(tries = 500)
    @Label("Requests of sessions that wait are queued, served and lost as the model has it")
    public void queuesAgreeWithSessions(@ForAll("waitingInSessions") List<Op> walk) {
        queues().ifPresent(queues -> sessions()
                .ifPresent(sessions ->
                        DifferentialTest.holdsFor(table(), sessions, queues, model(false), freshSpace(), walk)));
    }

    @Property(tries = 300)
    @Label("Opens of SMB, and the ranges that end with them, are answered as the model answers them")
    public void opensAgree(@ForAll("opens") List<Op> walk) {
        DifferentialTest.holdsFor(table(), model(false), freshSpace(), walk);
    }

    @Property(tries = 300)
    @Label("Opens in sessions, which end and expire, and ranges with them, are answered as the model answers them")
    public void opensAgreeWithSessions(@ForAll("opensInSessions") List<Op> walk) {
        sessions()
                .ifPresent(sessions -> DifferentialTest.holdsFor(table(), sessions, model(false), freshSpace(), walk));
    }

    @Property(tries = 300)
    @Label("Opens that wait beside ranges that wait are queued, served and lost as the model has it")
    public void waitingOpensAgree(@ForAll("waitingOpens") List<Op> walk) {
        queues().ifPresent(queues -> DifferentialTest.holdsFor(table(), queues, model(false), freshSpace(), walk));
    }

    @Property(tries = 300)
    @Label("Opens of sessions that wait are queued, served and lost as the model has it")
    public void waitingOpensAgreeWithSessions(@ForAll("waitingOpensInSessions") List<Op> walk) {
        queues().ifPresent(queues -> sessions()
                .ifPresent(sessions ->
                        DifferentialTest.holdsFor(table(), sessions, queues, model(false), freshSpace(), walk)));
    }

    @Property(tries = 100)
    @Label("With cross-protocol=enforced opens have a queue of their own, as the model has it")
    public void enforcedOpensAgree(@ForAll("allWaitingWithOpens") List<Op> walk) {
        enforcedQueues()
                .ifPresent(queues -> DifferentialTest.holdsFor(
                        enforcedTable().orElseThrow(), queues, model(true), freshSpace(), walk));
    }

    @Property(tries = 200)
    @Label("With cross-protocol=enforced one queue serves as the model's does")
    public void enforcedQueuesAgree(@ForAll("allWaiting") List<Op> walk) {
        enforcedQueues()
                .ifPresent(queues -> DifferentialTest.holdsFor(
                        enforcedTable().orElseThrow(), queues, model(true), freshSpace(), walk));
    }

    @Property(tries = 200)
    @Label("With cross-protocol=enforced calls are answered as the model answers them")
    public void enforcedWorldsAgree(@ForAll("allNarrow") List<Op> walk) {
        enforcedTable().ifPresent(table -> DifferentialTest.holdsFor(table, model(true), freshSpace(), walk));
    }

    @Property(tries = 300)
    @Label("At the limit of grants calls are answered as the model answers them")
    public void bothEnginesAgreeAtTheLimitOfGrants(@ForAll("allNarrow") List<Op> walk) {
        tableWithGrantLimit()
                .ifPresent(table -> DifferentialTest.holdsFor(
                        table,
                        new InMemoryRangeLockTable(
                                System::currentTimeMillis, false, RANGES_PER_OWNER_AND_SPACE, GRANTS),
                        freshSpace(),
                        walk));
    }

    @Provide
    protected Arbitrary<List<Op>> inSessions() {
        return OpArbitraries.walksWithSessions(OpArbitraries.POSIX, OpArbitraries.AROUND_ZERO);
    }

    @Provide
    protected Arbitrary<List<Op>> opens() {
        return OpArbitraries.walksWithOpens();
    }

    @Provide
    protected Arbitrary<List<Op>> opensInSessions() {
        return OpArbitraries.walksWithOpensAndSessions();
    }

    @Provide
    protected Arbitrary<List<Op>> waitingOpens() {
        return OpArbitraries.walksWithWaitingOpens(OpArbitraries.SMB);
    }

    @Provide
    protected Arbitrary<List<Op>> waitingOpensInSessions() {
        return OpArbitraries.walksWithWaitingOpensAndSessions();
    }

    @Provide
    protected Arbitrary<List<Op>> allWaitingWithOpens() {
        return OpArbitraries.walksWithWaitingOpens(OpArbitraries.ALL);
    }

    @Provide
    protected Arbitrary<List<Op>> posixWaiting() {
        return OpArbitraries.walksWithQueues(OpArbitraries.POSIX);
    }

    @Provide
    protected Arbitrary<List<Op>> smbWaiting() {
        return OpArbitraries.walksWithQueues(OpArbitraries.SMB);
    }

    @Provide
    protected Arbitrary<List<Op>> allWaiting() {
        return OpArbitraries.walksWithQueues(OpArbitraries.ALL);
    }

    @Provide
    protected Arbitrary<List<Op>> waitingInSessions() {
        return OpArbitraries.walksWithQueuesAndSessions(OpArbitraries.POSIX);
    }

    @Provide
    protected Arbitrary<List<Op>> posixAroundZero() {
        return OpArbitraries.walks(OpArbitraries.POSIX, OpArbitraries.AROUND_ZERO);
    }

    @Provide
    protected Arbitrary<List<Op>> posixAtTheEdges() {
        return OpArbitraries.walks(OpArbitraries.POSIX, OpArbitraries.AT_THE_EDGES);
    }

    @Provide
    protected Arbitrary<List<Op>> smbAroundZero() {
        return OpArbitraries.walks(OpArbitraries.SMB, OpArbitraries.NARROW);
    }

    @Provide
    protected Arbitrary<List<Op>> allAtTheEdges() {
        return OpArbitraries.walks(OpArbitraries.ALL, OpArbitraries.AT_THE_EDGES);
    }

    @Provide
    protected Arbitrary<List<Op>> allNarrow() {
        return OpArbitraries.walks(OpArbitraries.ALL, OpArbitraries.NARROW);
    }
}
