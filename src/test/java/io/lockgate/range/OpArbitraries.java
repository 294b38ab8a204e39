package io.lockgate.range;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Random walks. Everything is drawn from short lists whose first entry is the plainest, because jqwik shrinks towards
 * the first.
 */
final class OpArbitraries {
    private static final int LONGEST_WALK = 120;

    /** Bytes where small locks crowd, and the highest one, for "to the end". */
    static final List<Long> AROUND_ZERO = with(LongStream.rangeClosed(0, 12), ByteRange.MAX);

    /** Few bytes, so that exact SMB unlocks and zero-length positions meet often. */
    static final List<Long> NARROW = with(LongStream.rangeClosed(0, 6), ByteRange.MAX);

    /** Crowds where doubles, signed longs and unsigned longs end. */
    static final List<Long> AT_THE_EDGES = edges();

    /**
     * Owners that differ in exactly one part; and some that only look alike when parts are joined by a separator. The
     * first come up most, so that owners meet themselves.
     */
    private static final List<Owner> OWNERS = List.of(
            new Owner("p", "a", "m"),
            new Owner("p", "b", "m"),
            new Owner("p", "a", "n"),
            new Owner("q", "a", "m"),
            new Owner("p", "a", ""),
            new Owner("p", "a:m", ""),
            new Owner("p:a", "m", ""),
            new Owner("p", "é|\"{} %", "m 1"));

    private static final List<LockModes> MODES = List.of(
            LockModes.of(LockMode.EXCLUSIVE),
            LockModes.of(LockMode.SHARED),
            LockModes.of(LockMode.WRITE_OP),
            LockModes.of(LockMode.READ_OP),
            LockModes.of(LockMode.EXCLUSIVE, LockMode.SHARED),
            LockModes.of(LockMode.SHARED, LockMode.READ_OP));

    /** So that opens of two kinds often stand together, and often not. */
    private static final List<LockModes> SHARE_MODES = List.of(
            LockModes.of(LockMode.READ),
            LockModes.of(LockMode.READ, LockMode.EXCLUDE_WRITE),
            LockModes.of(LockMode.WRITE),
            LockModes.of(LockMode.EXCLUDE_READ),
            LockModes.of(LockMode.READ, LockMode.WRITE),
            LockModes.of(LockMode.DELETE),
            LockModes.of(LockMode.EXCLUDE_DELETE),
            LockModes.of(LockMode.WRITE, LockMode.EXCLUDE_READ, LockMode.EXCLUDE_WRITE, LockMode.EXCLUDE_DELETE));

    private static final List<LockMode> OF_OPENS = Stream.of(LockMode.values())
            .filter(mode -> mode.type() == LockType.SHARE_MODE)
            .toList();

    static final List<Protocol> POSIX = List.of(Protocol.NLM, Protocol.NFS4);
    static final List<Protocol> SMB = List.of(Protocol.SMB);
    static final List<Protocol> ALL = List.of(Protocol.NLM, Protocol.SMB, Protocol.NFS4);

    private OpArbitraries() {}

    /** Walks of 1 to {@value #LONGEST_WALK} steps, every length equally likely. */
    static Arbitrary<List<Op>> walks(List<Protocol> protocols, List<Long> bytes) {
        Arbitrary<Op.Ask> asks = asks(Arbitraries.of(protocols), bytes);
        Arbitrary<Op.Unask> unasks = unasks(Arbitraries.of(protocols), bytes);
        Arbitrary<Integer> ago = Arbitraries.integers().between(0, 9);
        Arbitrary<Op> op = Arbitraries.frequencyOf(
                Tuple.of(16, asks.map(Op.Acquire::new)),
                Tuple.of(4, asks.map(Op.Test::new)),
                Tuple.of(6, unasks.map(Op.Free::new)),
                Tuple.of(4, Combinators.combine(ago, weighted(MODES)).as(Op.Again::new)),
                Tuple.of(4, ago.map(Op.Undo::new)),
                Tuple.of(2, Combinators.combine(ago, principals().optional()).as(Op.FreeGrant::new)),
                Tuple.of(
                        2,
                        Combinators.combine(
                                        ago,
                                        principals(),
                                        Arbitraries.integers().between(1, 5))
                                .as(Op.Renew::new)),
                Tuple.of(4, Combinators.combine(ago, ranges(bytes)).as(Op.Check::new)),
                Tuple.of(8, Combinators.combine(ago, ago).as(Op.CheckStanding::new)),
                Tuple.of(2, ago.map(Op.Find::new)),
                Tuple.of(3, asks.map(Op.AcquireOnce::new)),
                Tuple.of(2, unasks.map(Op.FreeOnce::new)),
                Tuple.of(4, ago.map(Op.Repeat::new)),
                Tuple.of(3, batches(protocols, bytes)));
        return OperationSequence.of(op, LONGEST_WALK);
    }

    /** The same, with locks in sessions, heartbeats, ends and expiry. */
    static Arbitrary<List<Op>> walksWithSessions(List<Protocol> protocols, List<Long> bytes) {
        Arbitrary<Op.Ask> asks = inSessions(asks(Arbitraries.of(protocols), bytes));
        Arbitrary<Op.Unask> unasks = unasks(Arbitraries.of(protocols), bytes);
        Arbitrary<Integer> ago = Arbitraries.integers().between(0, 3);
        Arbitrary<Op> op = Arbitraries.frequencyOf(
                Tuple.of(16, asks.map(Op.Acquire::new)),
                Tuple.of(3, asks.map(Op.Test::new)),
                Tuple.of(5, unasks.map(Op.Free::new)),
                Tuple.of(2, ago.map(Op.Undo::new)),
                Tuple.of(2, Combinators.combine(ago, principals().optional()).as(Op.FreeGrant::new)),
                Tuple.of(
                        1,
                        Combinators.combine(ago, principals(), Arbitraries.of(1, 2))
                                .as(Op.Renew::new)),
                Tuple.of(4, Combinators.combine(ago, ago).as(Op.CheckStanding::new)),
                Tuple.of(1, ago.map(Op.Find::new)),
                Tuple.of(
                        2,
                        Combinators.combine(
                                        asks.list().ofMinSize(1).ofMaxSize(3),
                                        unasks.list().ofMaxSize(2))
                                .as((locks, unlocks) -> protocols.equals(SMB)
                                        ? new Op.Batch(List.of(), locks)
                                        : new Op.Batch(unlocks, locks))),
                Tuple.of(10, ofSessions()));
        return OperationSequence.of(op, LONGEST_WALK);
    }

    /** Walks of requests that wait, in few bytes, so that they meet. */
    static Arbitrary<List<Op>> walksWithQueues(List<Protocol> protocols) {
        return OperationSequence.of(queueing(protocols, crowded(protocols)), LONGEST_WALK);
    }

    /** The same, with sessions. */
    static Arbitrary<List<Op>> walksWithQueuesAndSessions(List<Protocol> protocols) {
        Arbitrary<Op.Ask> asks = inSessions(crowded(protocols));
        return OperationSequence.of(
                Arbitraries.frequencyOf(Tuple.of(9, queueing(protocols, asks)), Tuple.of(1, ofSessions())),
                LONGEST_WALK);
    }

    /** Walks of opens and byte ranges of a few handles. */
    static Arbitrary<List<Op>> walksWithOpens() {
        return OperationSequence.of(opening(opensAndRanges(SMB)), LONGEST_WALK);
    }

    /** The same, with sessions that end and expire. */
    static Arbitrary<List<Op>> walksWithOpensAndSessions() {
        return OperationSequence.of(
                Arbitraries.frequencyOf(
                        Tuple.of(5, opening(inSessions(opensAndRanges(SMB)))), Tuple.of(1, ofSessions())),
                LONGEST_WALK);
    }

    /** Walks of opens and byte ranges that wait, without sessions. */
    static Arbitrary<List<Op>> walksWithWaitingOpens(List<Protocol> protocols) {
        return OperationSequence.of(
                Arbitraries.frequencyOf(
                        Tuple.of(4, queueing(protocols, opensAndRanges(protocols))), Tuple.of(1, ofOpens())),
                LONGEST_WALK);
    }

    /** The same of SMB, with sessions. */
    static Arbitrary<List<Op>> walksWithWaitingOpensAndSessions() {
        return OperationSequence.of(
                Arbitraries.frequencyOf(
                        Tuple.of(8, queueing(SMB, inSessions(opensAndRanges(SMB)))),
                        Tuple.of(2, ofOpens()),
                        Tuple.of(1, ofSessions())),
                LONGEST_WALK);
    }

    private static Arbitrary<Op> opening(Arbitrary<Op.Ask> asks) {
        Arbitrary<Op.Unask> unasks = unasks(Arbitraries.of(SMB), NARROW);
        Arbitrary<Integer> ago = Arbitraries.integers().between(0, 5);
        return Arbitraries.frequencyOf(
                Tuple.of(20, asks.map(Op.Acquire::new)),
                Tuple.of(4, asks.map(Op.Test::new)),
                Tuple.of(2, unasks.map(Op.Free::new)),
                Tuple.of(2, ago.map(Op.Undo::new)),
                Tuple.of(2, Combinators.combine(ago, weighted(SHARE_MODES)).as(Op.Again::new)),
                Tuple.of(3, Combinators.combine(ago, principals().optional()).as(Op.FreeGrant::new)),
                Tuple.of(
                        1,
                        Combinators.combine(ago, principals(), Arbitraries.of(1, 2))
                                .as(Op.Renew::new)),
                Tuple.of(3, Combinators.combine(ago, ago).as(Op.CheckStanding::new)),
                Tuple.of(1, ago.map(Op.Find::new)),
                Tuple.of(2, asks.map(Op.AcquireOnce::new)),
                Tuple.of(2, ago.map(Op.Repeat::new)),
                Tuple.of(1, batches(SMB, NARROW)),
                Tuple.of(10, ofOpens()));
    }

    private static Arbitrary<Op> ofOpens() {
        Arbitrary<OwnerSelector> handles = Combinators.combine(handles(), Arbitraries.of(true, true, true, false))
                .as((handle, exactly) ->
                        exactly ? OwnerSelector.exactly(handle) : OwnerSelector.anybody(handle.ownerId()));
        Arbitrary<Integer> ago = Arbitraries.integers().between(0, 5);
        return Arbitraries.frequencyOf(
                Tuple.of(3, handles.map(one -> new Op.FreeOpens(one, Optional.empty()))),
                Tuple.of(
                        3,
                        Combinators.combine(handles, ago).as((one, only) -> new Op.FreeOpens(one, Optional.of(only)))),
                Tuple.of(1, handles().map(Op.CountRanges::new)));
    }

    private static Arbitrary<Op.Ask> opensAndRanges(List<Protocol> protocols) {
        Arbitrary<LockModes> modes = Arbitraries.frequencyOf(
                Tuple.of(9, weighted(SHARE_MODES)),
                Tuple.of(1, Arbitraries.of(OF_OPENS).set().ofMinSize(1).map(LockModes::of)));
        Arbitrary<Op.Ask> opens = Combinators.combine(
                        modes,
                        handles(),
                        Arbitraries.frequency(Tuple.of(4, 0), Tuple.of(1, 1), Tuple.of(1, 3)),
                        Arbitraries.of("10.0.0.1", "10.0.0.2"))
                .as((mode, handle, hours, address) ->
                        new Op.Ask(Protocol.SMB, mode, ByteRange.ALL, handle, hours, address));
        return Arbitraries.frequencyOf(Tuple.of(1, opens), Tuple.of(1, crowded(protocols)));
    }

    /** One of them under two machine names. */
    private static Arbitrary<Owner> handles() {
        return Arbitraries.of(OWNERS.subList(0, 4));
    }

    /** Few owners who ask for few kinds of locks, so that what was waited for merges with what is held. */
    private static Arbitrary<Op.Ask> crowded(List<Protocol> protocols) {
        return Combinators.combine(
                        asks(Arbitraries.of(protocols), NARROW),
                        Arbitraries.of(OWNERS.subList(0, 4)),
                        Arbitraries.of(MODES.subList(0, 3)))
                .as((ask, owner, modes) ->
                        new Op.Ask(ask.protocol(), modes, ask.range(), owner, ask.leaseHours(), ask.address()));
    }

    private static Arbitrary<Op> queueing(List<Protocol> protocols, Arbitrary<Op.Ask> asks) {
        Arbitrary<Op.Unask> unasks = unasks(Arbitraries.of(protocols), NARROW);
        Arbitrary<Integer> ago = Arbitraries.integers().between(0, 5);
        Arbitrary<Boolean> brief = Arbitraries.of(false, true);
        return Arbitraries.frequencyOf(
                Tuple.of(8, asks.map(Op.Acquire::new)),
                Tuple.of(14, Combinators.combine(asks, brief).as(Op.Wait::new)),
                Tuple.of(3, asks.map(Op.WaitOnce::new)),
                Tuple.of(3, ago.map(Op.Repeat::new)),
                Tuple.of(2, asks.map(Op.Test::new)),
                Tuple.of(6, unasks.map(Op.Free::new)),
                Tuple.of(8, ago.map(Op.Undo::new)),
                Tuple.of(3, Combinators.combine(ago, weighted(MODES)).as(Op.Again::new)),
                Tuple.of(3, Combinators.combine(ago, principals().optional()).as(Op.FreeGrant::new)),
                Tuple.of(
                        2,
                        Combinators.combine(ago, principals(), Arbitraries.of(1, 2))
                                .as(Op.Renew::new)),
                Tuple.of(3, Combinators.combine(ago, ago).as(Op.CheckStanding::new)),
                Tuple.of(1, ago.map(Op.Find::new)),
                Tuple.of(2, batches(protocols, NARROW)),
                Tuple.of(3, Combinators.combine(ago, principals().optional()).as(Op.Poll::new)),
                Tuple.of(2, Combinators.combine(ago, principals().optional()).as(Op.Withdraw::new)),
                Tuple.of(10, ago.map(Op.Confirm::new)),
                Tuple.of(2, ago.map(Op.ExpireWaiter::new)),
                Tuple.of(2, ago.map(Op.ExpireProvisional::new)));
    }

    private static Arbitrary<Op.Ask> inSessions(Arbitrary<Op.Ask> asks) {
        return Combinators.combine(
                        asks,
                        Arbitraries.frequency(
                                Tuple.of(5, -1), Tuple.of(2, -2), Tuple.of(1, -3), Tuple.of(2, 0), Tuple.of(1, 1)))
                .as((ask, life) ->
                        new Op.Ask(ask.protocol(), ask.modes(), ask.range(), ask.owner(), life, ask.address()));
    }

    private static Arbitrary<Op> ofSessions() {
        Arbitrary<Integer> ago = Arbitraries.integers().between(0, 3);
        Arbitrary<String> owners = Arbitraries.frequency(Tuple.of(6, "p"), Tuple.of(1, "q"));
        return Arbitraries.frequencyOf(
                Tuple.of(
                        4,
                        Combinators.combine(owners, Arbitraries.of("m", ""), Arbitraries.of(2, 4))
                                .as(Op.Open::new)),
                Tuple.of(4, Combinators.combine(ago, owners).as(Op.Beat::new)),
                Tuple.of(1, Combinators.combine(ago, principals().optional()).as(Op.EndSession::new)),
                Tuple.of(1, ago.map(Op.Expire::new)));
    }

    private static Arbitrary<Op.Ask> asks(Arbitrary<Protocol> protocols, List<Long> bytes) {
        return protocols.flatMap(protocol -> Combinators.combine(
                        weighted(MODES),
                        protocol == Protocol.SMB ? smbRanges(bytes) : ranges(bytes),
                        weighted(OWNERS),
                        Arbitraries.frequency(Tuple.of(4, 0), Tuple.of(1, 1), Tuple.of(1, 3)),
                        Arbitraries.of("10.0.0.1", "10.0.0.2"))
                .as((modes, range, owner, hours, address) ->
                        new Op.Ask(protocol, modes, range, owner, hours, address)));
    }

    private static Arbitrary<Op.Unask> unasks(Arbitrary<Protocol> protocols, List<Long> bytes) {
        return protocols.flatMap(protocol -> Combinators.combine(
                        protocol == Protocol.SMB ? smbRanges(bytes) : ranges(bytes),
                        weighted(OWNERS),
                        // A release for every account is a break. In SMB "exactly that handle" then has no single
                        // meaning when two handles share an owner_id, so it is left to the contract.
                        Arbitraries.integers().between(0, protocol == Protocol.SMB ? 1 : 2))
                .as((range, owner, scope) -> new Op.Unask(
                        protocol,
                        range,
                        switch (scope) {
                            case 0 -> OwnerSelector.exactly(owner);
                            case 1 -> OwnerSelector.anybody(owner.ownerId()).ofPrincipal(owner.principal());
                            default -> OwnerSelector.anybody(owner.ownerId());
                        })));
    }

    /** A batch is all POSIX or all SMB; in SMB it has one of the two lists. */
    private static Arbitrary<Op> batches(List<Protocol> protocols, List<Long> bytes) {
        return Arbitraries.of(protocols).flatMap(chosen -> {
            Arbitrary<Protocol> semantics = chosen == Protocol.SMB ? Arbitraries.just(chosen) : Arbitraries.of(POSIX);
            Arbitrary<List<Op.Ask>> locks = asks(semantics, bytes).list().ofMaxSize(3);
            Arbitrary<List<Op.Unask>> unlocks = unasks(semantics, bytes).list().ofMaxSize(2);
            return Combinators.combine(locks, unlocks, Arbitraries.of(true, false))
                    .as((l, u, locking) -> chosen != Protocol.SMB
                            ? new Op.Batch(u, l)
                            : locking ? new Op.Batch(List.of(), l) : new Op.Batch(u, List.of()));
        });
    }

    private static Arbitrary<ByteRange> ranges(List<Long> bytes) {
        Arbitrary<Integer> length = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.integers().between(0, 4)),
                Tuple.of(1, Arbitraries.integers().between(0, bytes.size() - 1)));
        return Combinators.combine(Arbitraries.integers().between(0, bytes.size() - 1), length)
                .as((from, more) ->
                        ByteRange.between(bytes.get(from), bytes.get(Math.min(from + more, bytes.size() - 1))));
    }

    private static Arbitrary<ByteRange> smbRanges(List<Long> bytes) {
        return Arbitraries.frequencyOf(
                Tuple.of(4, ranges(bytes)), Tuple.of(1, Arbitraries.of(bytes).map(ByteRange::zeroLength)));
    }

    private static Arbitrary<String> principals() {
        return Arbitraries.frequency(Tuple.of(6, "p"), Tuple.of(1, "q"), Tuple.of(1, "nobody"));
    }

    /** The earlier in the list, the likelier. */
    private static <T> Arbitrary<T> weighted(List<T> values) {
        List<Tuple.Tuple2<Integer, T>> weights = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            weights.add(Tuple.of(i < 2 ? 6 : i < 4 ? 3 : 1, values.get(i)));
        }
        return Arbitraries.frequency(weights);
    }

    private static List<Long> with(LongStream bytes, long last) {
        return LongStream.concat(bytes, LongStream.of(last)).boxed().toList();
    }

    private static List<Long> edges() {
        return LongStream.of(0, 1L << 53, 1L << 63, ByteRange.MAX)
                .flatMap(edge -> LongStream.rangeClosed(edge == 0 ? 0 : -3, edge == ByteRange.MAX ? 0 : 3)
                        .map(delta -> edge + delta))
                .boxed()
                .toList();
    }
}
