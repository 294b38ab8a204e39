package io.lockgate.redis;

import io.lockgate.range.Cursor;
import io.lockgate.range.Grant;
import io.lockgate.range.GrantPage;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Notice;
import io.lockgate.range.Session;
import io.lockgate.range.SessionEnding;
import io.lockgate.range.SessionGoneException;
import io.lockgate.range.SessionId;
import io.lockgate.range.SessionOpening;
import io.lockgate.range.SessionPage;
import io.lockgate.range.SessionRenewal;
import io.lockgate.range.SessionTable;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.CompositeException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Client sessions on Redis: a home, and a copy in each bucket that a session uses (ADR 42; the fields are those of {@code
 * lua/lib/home.lua} and {@code copies.lua}). Each step is one script; this class does them in an order that may stop
 * anywhere.
 */
final class RedisSessionTable implements SessionTable {
    /** Buckets of one session that are asked at once. */
    private static final int AT_ONCE = 256;

    /** As many due sessions are asked for at once in one bucket. */
    private static final int DUE_AT_ONCE = 200;

    /** Rows deleted by one script: each takes about 15 us, in which Redis serves nobody. */
    private static final int ROWS_AT_ONCE = 100;

    /** What becomes of the locks of a session that has ended; both answer how many went. */
    interface Locks {
        /** Deletes rows that are not live, of one space. */
        Uni<Long> drop(int bucket, String space, List<String> ids);

        /** Tells requests of the session that wait. */
        Uni<Long> endWaiting(int bucket, String session);
    }

    private final ScriptRunner runner;
    private final RedisKeys keys;
    private final RedisSettings settings;
    private final Locks locks;
    private final SessionScripts scripts = SessionScripts.load();
    private final LuaScript listGrants = RangeScripts.load().list();
    private final String user;

    RedisSessionTable(ScriptRunner runner, RedisKeys keys, RedisSettings settings, Locks locks) {
        this(runner, keys, settings, locks, CallCost.SYSTEM);
    }

    private RedisSessionTable(ScriptRunner runner, RedisKeys keys, RedisSettings settings, Locks locks, String user) {
        this.runner = runner;
        this.keys = keys;
        this.settings = settings;
        this.locks = locks;
        this.user = user;
    }

    @Override
    public SessionTable onBehalfOf(String principal) {
        return new RedisSessionTable(runner, keys, settings, locks, principal);
    }

    private CallCost kept() {
        return CallCost.kept(user, 1);
    }

    private Uni<Reply> run(LuaScript script, int bucket, boolean changes, CallCost cost, String... arguments) {
        String id = runner.newRequestId();
        return runner.run(script, id, keys.ofSessions(bucket, id), List.of(arguments), changes, cost);
    }

    // ---------------------------------------------------------------- open, find, list

    @Override
    public Uni<SessionOpening> open(String principal, String ownerName, Duration ttl) {
        int home = keys.homeOf(principal);
        int limit = settings.limits().sessionsPerPrincipal();
        return run(
                        scripts.open(),
                        home,
                        true,
                        CallCost.asked(user, 1),
                        Integer.toString(home),
                        principal,
                        ownerName,
                        Long.toString(ttl.toMillis()),
                        Integer.toString(limit))
                .map(reply -> switch (reply.status()) {
                    case "opened" ->
                        new SessionOpening.Opened(new Session(id(reply.text(2)), principal, ownerName, ttl, ttl));
                    case "limit" -> new SessionOpening.TooManySessions(limit);
                    default -> throw unknown(reply);
                });
    }

    /**
     * What home knows.
     *
     * @param deadline text, another one behind each heartbeat
     */
    private record Home(Session session, boolean live, String buckets, String deadline) {}

    private Uni<Optional<Home>> home(SessionId id, CallCost cost) {
        if (!keys.has(id)) {
            return Uni.createFrom().item(Optional.empty());
        }
        return run(scripts.home(), id.home(), false, cost, id.toString()).map(reply -> switch (reply.status()) {
            case "session" -> {
                Session session =
                        new Session(id, reply.text(5), reply.text(6), millis(reply.text(4)), millis(reply.text(3)));
                yield Optional.of(new Home(session, reply.text(2).equals("live"), reply.text(7), reply.text(8)));
            }
            case "none" -> Optional.empty();
            default -> throw unknown(reply);
        });
    }

    @Override
    public Uni<Optional<Session>> find(SessionId id) {
        return home(id, kept()).map(found -> found.filter(Home::live).map(Home::session));
    }

    @Override
    public Uni<SessionPage> list(Optional<String> principal, Optional<String> ownerName, Cursor after, int limit) {
        Cursor first = principal
                .map(keys::homeOf)
                .filter(bucket -> bucket > after.bucket())
                .map(bucket -> new Cursor(bucket, ""))
                .orElse(after);
        return list(principal, ownerName, first, limit, new ArrayList<>());
    }

    private Uni<SessionPage> list(
            Optional<String> principal, Optional<String> ownerName, Cursor place, int limit, List<Session> sessions) {
        int last = principal.map(keys::homeOf).orElse(keys.buckets() - 1);
        if (sessions.size() >= limit || place.bucket() > last) {
            return Uni.createFrom().item(new SessionPage(sessions, place));
        }
        int entries = settings.calls().maxSteps();
        List<String> arguments = new ArrayList<>(List.of(
                principal.orElse(""),
                Integer.toString(limit - sessions.size()),
                Integer.toString(entries),
                place.position()));
        ownerName.ifPresent(arguments::add);
        CallCost cost = CallCost.asked(user, CallCost.ofEntries(entries));
        return run(
                        scripts.list(),
                        place.bucket(),
                        false,
                        sessions.isEmpty() ? cost : cost.continuing(cost.cost()),
                        arguments.toArray(String[]::new))
                .flatMap(reply -> {
                    for (int i = 4; i < reply.size(); i += 5) {
                        sessions.add(new Session(
                                id(reply.text(i)),
                                reply.text(i + 3),
                                reply.text(i + 4),
                                millis(reply.text(i + 2)),
                                millis(reply.text(i + 1))));
                    }
                    Cursor next = reply.text(2).isEmpty()
                            ? new Cursor(place.bucket(), reply.text(3))
                            : new Cursor(place.bucket() + 1, "");
                    return list(principal, ownerName, next, limit, sessions);
                });
    }

    /** Those that a live session uses, in ascending order; none when it is not live. */
    Uni<List<Integer>> bucketsOf(SessionId id, CallCost cost) {
        return home(id, cost)
                .map(found -> found.filter(Home::live)
                        .map(home -> buckets(home.buckets))
                        .orElse(List.of()));
    }

    @Override
    public Uni<GrantPage> grants(SessionId id, Cursor after, int limit) {
        return bucketsOf(id, kept()).flatMap(used -> grants(id, used, after, limit, new ArrayList<>()));
    }

    /** @param used in ascending order */
    private Uni<GrantPage> grants(SessionId id, List<Integer> used, Cursor place, int limit, List<Grant> grants) {
        Optional<Integer> bucket =
                used.stream().filter(b -> b >= place.bucket()).findFirst();
        if (grants.size() >= limit || bucket.isEmpty()) {
            return Uni.createFrom().item(new GrantPage(grants, place));
        }
        int at = bucket.get();
        int entries = settings.calls().maxSteps();
        List<String> arguments = List.of(
                Integer.toString(limit - grants.size()),
                Integer.toString(entries),
                "s-" + id + '\t',
                at == place.bucket() ? place.position() : "",
                "0");
        String request = runner.newRequestId();
        CallCost cost = CallCost.asked(user, CallCost.ofEntries(entries));
        return runner.run(
                        listGrants,
                        request,
                        keys.ofBucket(at, request),
                        arguments,
                        false,
                        grants.isEmpty() ? cost : cost.continuing(cost.cost()))
                .flatMap(reply -> {
                    for (int i = 4; i < reply.size(); i += 2) {
                        grants.add(GrantRows.grant(at, reply.text(i), reply.text(i + 1), reply.nowMillis()));
                    }
                    Cursor next = reply.text(2).isEmpty() ? new Cursor(at, reply.text(3)) : new Cursor(at + 1, "");
                    return grants(id, used, next, limit, grants);
                });
    }

    // ---------------------------------------------------------------- a bucket comes to a session

    /**
     * Registers a bucket at home and makes the copy there.
     *
     * @return fails with {@link SessionGoneException} when {@code principal} has no such session
     */
    Uni<Void> enter(SessionId id, String principal, int bucket, CallCost cost) {
        if (!keys.has(id)) {
            return Uni.createFrom().failure(SessionGoneException.unknown(id));
        }
        return run(scripts.register(), id.home(), true, cost, id.toString(), principal, Integer.toString(bucket))
                .flatMap(home -> switch (home.status()) {
                    case "registered" ->
                        copy(
                                scripts.enter(),
                                bucket,
                                cost,
                                id,
                                principal,
                                home.text(3),
                                Long.parseLong(home.text(2)),
                                "");
                    case "ended" -> throw SessionGoneException.ended(id);
                    case "none" -> throw SessionGoneException.unknown(id);
                    default -> throw unknown(home);
                })
                .invoke(copy -> {
                    if (copy.status().equals("ended")) {
                        throw SessionGoneException.ended(id);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Reply> copy(
            LuaScript script,
            int bucket,
            CallCost cost,
            SessionId id,
            String principal,
            String ownerName,
            long millis,
            String foundAtHome) {
        return run(script, bucket, true, cost, id.toString(), principal, ownerName, Long.toString(millis), foundAtHome);
    }

    // ---------------------------------------------------------------- heartbeat

    @Override
    public Uni<SessionRenewal> renew(SessionId id, String principal) {
        return home(id, CallCost.renewed(user)).flatMap(found -> {
            Optional<Home> own = found.filter(home -> home.session.principal().equals(principal));
            if (own.isEmpty()) {
                return Uni.createFrom().item(new SessionRenewal.NoSuchSession());
            }
            return own.get().live
                    ? new Heartbeat(own.get()).extend(own.get().buckets)
                    : Uni.createFrom().item(new SessionRenewal.Lost());
        });
    }

    /** One heartbeat under way. */
    private final class Heartbeat {
        private final Session session;
        private final String foundAtHome;
        private final CallCost cost = CallCost.renewed(user);
        private final List<Integer> extended = new ArrayList<>();
        private final List<Grant> lost = new ArrayList<>();
        private final List<Notice> notices = new ArrayList<>();
        private boolean more;
        private boolean ended;

        Heartbeat(Home home) {
            this.session = home.session;
            this.foundAtHome = home.deadline;
        }

        /** The copies first, so that home never outlives what it promises. */
        Uni<SessionRenewal> extend(String buckets) {
            List<Integer> wanted = new ArrayList<>(buckets(buckets));
            wanted.removeAll(extended);
            return inEach(wanted, this::extendCopy).flatMap(replies -> {
                extended.addAll(wanted);
                return ended ? lose() : atHome(buckets);
            });
        }

        private Uni<Void> extendCopy(int bucket) {
            return copy(
                            scripts.extend(),
                            bucket,
                            cost,
                            session.id(),
                            session.principal(),
                            session.ownerName(),
                            session.ttl().toMillis(),
                            foundAtHome)
                    .invoke(reply -> take(bucket, reply))
                    .replaceWithVoid();
        }

        private synchronized void take(int bucket, Reply reply) {
            if (reply.status().equals("ended")) {
                ended = true;
                return;
            }
            more |= reply.flag(2);
            GrantRows.Told told = GrantRows.told(bucket, reply.text(3), reply.nowMillis());
            take(told.lost(), lost);
            take(told.notices(), notices);
        }

        private <T> void take(List<T> told, List<T> into) {
            int room = SessionRenewal.MOST_LOST - lost.size() - notices.size();
            into.addAll(told.subList(0, Math.min(room, told.size())));
            more |= told.size() > room;
        }

        private Uni<SessionRenewal> atHome(String buckets) {
            SessionId id = session.id();
            return run(scripts.renew(), id.home(), true, cost, id.toString(), session.principal(), buckets)
                    .onFailure()
                    .transform(failure -> RedisRangeLockTable.afterPart(extended.size(), failure))
                    .flatMap(reply -> switch (reply.status()) {
                        case "renewed" -> Uni.createFrom().item(renewed());
                        case "changed" -> extend(reply.text(2));
                        case "ended" -> Uni.createFrom().item(new SessionRenewal.Lost());
                        case "none" -> Uni.createFrom().item(new SessionRenewal.NoSuchSession());
                        default -> throw unknown(reply);
                    });
        }

        private SessionRenewal renewed() {
            Session again =
                    new Session(session.id(), session.principal(), session.ownerName(), session.ttl(), session.ttl());
            return new SessionRenewal.Renewed(again, List.copyOf(lost), List.copyOf(notices), more);
        }

        /** Locks of one bucket have expired: a session is whole or lost. */
        private Uni<SessionRenewal> lose() {
            return end(session.id(), Optional.of(session.principal())).map(ignored -> new SessionRenewal.Lost());
        }
    }

    /**
     * Does the same in several buckets, as many at once as one call may; all are done, also when one fails.
     *
     * @return fails as the first that failed, and then a part may have been done
     */
    private static <T> Uni<List<T>> inEach(List<Integer> buckets, IntFunction<Uni<T>> call) {
        return Multi.createFrom()
                .iterable(buckets)
                .onItem()
                .transformToUni(call::apply)
                .collectFailures()
                .merge(AT_ONCE)
                .collect()
                .asList()
                .onFailure(CompositeException.class)
                .transform(failure -> failure.getCauses().getFirst())
                .onFailure()
                .transform(failure -> RedisRangeLockTable.afterPart(buckets.size(), failure));
    }

    // ---------------------------------------------------------------- end

    @Override
    public Uni<SessionEnding> end(SessionId id, Optional<String> principal) {
        if (!keys.has(id)) {
            return Uni.createFrom().item(new SessionEnding.NoSuchSession());
        }
        return run(scripts.end(), id.home(), true, kept(), id.toString(), principal.orElse(""), "any")
                .flatMap(reply -> switch (reply.status()) {
                    case "none" -> Uni.createFrom().item(new SessionEnding.NoSuchSession());
                    case "done" -> Uni.createFrom().item(new SessionEnding.Ended());
                    case "ending" -> finish(id, reply, "e").replaceWith(new SessionEnding.Ended());
                    default -> throw unknown(reply);
                });
    }

    /**
     * Tells the buckets of a session that it has ended; its locks are free then. The rows may go later.
     *
     * @param how see session-bury.lua
     */
    private Uni<Void> finish(SessionId id, Reply ending, String how) {
        List<Integer> used = buckets(ending.text(3));
        return inEach(used, bucket -> run(scripts.bury(), bucket, true, kept(), id.toString(), ending.text(2), how))
                .chain(() -> settle(id.toString(), id.home(), 'H'))
                .call(() -> inEach(used, bucket -> deleteRows(id.toString(), bucket))
                        .onFailure(LockTableUnavailableException.class)
                        .recoverWithNull())
                .replaceWithVoid();
    }

    private Uni<Boolean> settle(String id, int bucket, char place) {
        return run(scripts.settle(), bucket, true, kept(), id, String.valueOf(place))
                .map(reply -> reply.status().equals("forgotten"));
    }

    /** Deletes some rows of an ended session; answers how many, fewer than {@link #ROWS_AT_ONCE} at the end. */
    private Uni<Long> deleteRows(String id, int bucket) {
        String request = runner.newRequestId();
        return runner.run(
                        scripts.rows(),
                        request,
                        keys.ofBucket(bucket, request),
                        List.of(id, Integer.toString(ROWS_AT_ONCE)),
                        false,
                        CallCost.asked(CallCost.SYSTEM, CallCost.ofEntries(ROWS_AT_ONCE)))
                .flatMap(reply -> {
                    Map<String, List<String>> bySpace = new LinkedHashMap<>();
                    for (int i = 2; i < reply.size(); i += 2) {
                        bySpace.computeIfAbsent(reply.text(i), s -> new ArrayList<>())
                                .add(reply.text(i + 1));
                    }
                    Uni<Long> deleted = locks.endWaiting(bucket, id);
                    for (Map.Entry<String, List<String>> entry : bySpace.entrySet()) {
                        deleted = deleted.flatMap(sum -> locks.drop(bucket, entry.getKey(), entry.getValue())
                                .map(more -> sum + more));
                    }
                    return deleted;
                });
    }

    // ---------------------------------------------------------------- sweep

    /** Does what is due for sessions in one bucket; answers how many rows and sessions went. */
    Uni<Long> sweep(int bucket) {
        return run(scripts.due(), bucket, false, CallCost.asked(CallCost.SYSTEM, 1), Integer.toString(DUE_AT_ONCE))
                .flatMap(reply -> {
                    Uni<Long> swept = Uni.createFrom().item(0L);
                    for (char place : new char[] {'C', 'H'}) {
                        for (int i = 2; i < reply.size(); i++) {
                            String member = reply.text(i);
                            if (member.charAt(0) == place) {
                                String id = member.substring(1);
                                swept = swept.flatMap(sum -> (place == 'C'
                                                ? sweepCopy(id, bucket, Sweeps.ROUNDS)
                                                : sweepHome(id, bucket))
                                        .map(more -> sum + more));
                            }
                        }
                    }
                    return swept;
                })
                // A bucket that does not answer holds up what is due here, and no other bucket's sweep.
                .onFailure(LockTableUnavailableException.class)
                .recoverWithItem(0L);
    }

    private Uni<Long> sweepCopy(String id, int bucket, int rounds) {
        return deleteRows(id, bucket).flatMap(rows -> {
            if (rows == 0) {
                return settle(id, bucket, 'C').map(forgotten -> forgotten ? 1L : 0L);
            }
            return rounds > 1
                    ? sweepCopy(id, bucket, rounds - 1).map(more -> rows + more)
                    : Uni.createFrom().item(rows);
        });
    }

    private Uni<Long> sweepHome(String id, int bucket) {
        return run(scripts.end(), bucket, true, kept(), id, "", "expired").flatMap(reply -> switch (reply.status()) {
            case "live" -> Uni.createFrom().item(0L);
            case "none", "done" -> settle(id, bucket, 'H').map(forgotten -> forgotten ? 1L : 0L);
            case "ending" -> finish(id(id), reply, "x").replaceWith(1L);
            default -> throw unknown(reply);
        });
    }

    // ---------------------------------------------------------------- text

    /** In ascending order. */
    private static List<Integer> buckets(String text) {
        return Arrays.stream(text.split(",", -1))
                .filter(bucket -> !bucket.isEmpty())
                .map(Integer::valueOf)
                .sorted()
                .toList();
    }

    private static SessionId id(String text) {
        return SessionId.parse(text).orElseThrow();
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }

    private static IllegalStateException unknown(Reply reply) {
        return new IllegalStateException("unknown status in the answer of a script: " + reply.status());
    }
}
