package io.lockgate.redis;

import io.lockgate.distribution.BlockPage;
import io.lockgate.distribution.BlockSet;
import io.lockgate.distribution.DistributionMap;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.Precondition;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.distribution.Report;
import io.lockgate.distribution.ReportChange;
import io.lockgate.range.ByteRange;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The distribution map on Redis; see {@code lua/lib/report.lua} for the layout. A report is a version of blocks. A
 * patch changes the version that counts and keeps what it took out for readers; a replacement brings another version in
 * slices and lets it count in one step. So does a patch that touches more blocks than one script may change: what it
 * leaves is worked out here, and counts only when nothing else has changed the report meanwhile.
 */
public final class RedisDistributionMap implements DistributionMap {
    /** How long a version may take to be brought. */
    private static final long STAGED_MILLIS = 60_000;

    /** Attempts of a patch that is worked out here while others change the same report. */
    private static final int ATTEMPTS = 5;

    /** Patches worked out here at the same time. */
    private static final int REWRITES = 2;

    private static final Pattern REVISION = Pattern.compile("[0-9a-f]{16}");
    private static final int BLOCK = 32;

    /** Blocks that one script hands out. */
    private static final int PAGE_BLOCKS = 1_000;

    private final ScriptRunner runner;
    private final int maxSteps;
    private final ReportLimits limits;
    private final int pageBlocks;
    private final RedisKeys keys;
    private final BlockScripts scripts;
    private final Semaphore rewriting;
    private final String principal;
    /** Whether the request has begun with a call before. */
    private final boolean continued;

    public RedisDistributionMap(ScriptRunner runner, RedisSettings settings, ReportLimits limits) {
        this(runner, settings, limits, PAGE_BLOCKS);
    }

    /** @param pageBlocks blocks that one script hands out */
    RedisDistributionMap(ScriptRunner runner, RedisSettings settings, ReportLimits limits, int pageBlocks) {
        this.runner = runner;
        this.maxSteps = settings.calls().maxSteps();
        this.limits = limits;
        this.pageBlocks = pageBlocks;
        this.keys = new RedisKeys(settings.calls().buckets());
        this.scripts = BlockScripts.load();
        this.rewriting = new Semaphore(REWRITES);
        this.principal = CallCost.SYSTEM;
        this.continued = false;
    }

    private RedisDistributionMap(RedisDistributionMap map, String principal, boolean continued) {
        this.runner = map.runner;
        this.maxSteps = map.maxSteps;
        this.limits = map.limits;
        this.pageBlocks = map.pageBlocks;
        this.keys = map.keys;
        this.scripts = map.scripts;
        this.rewriting = map.rewriting;
        this.principal = principal;
        this.continued = continued;
    }

    @Override
    public DistributionMap onBehalfOf(String user) {
        return new RedisDistributionMap(this, user, false);
    }

    private RedisDistributionMap continuing() {
        return new RedisDistributionMap(this, principal, true);
    }

    /** With its cost in acquires. */
    private CallCost asked(int cost) {
        CallCost asked = CallCost.asked(principal, cost);
        return continued ? asked.continuing(cost) : asked;
    }

    // ---------------------------------------------------------------- reading

    @Override
    public Uni<List<Report>> reports(String file) {
        return reports(file, "");
    }

    @Override
    public Uni<Optional<Report>> report(String file, String provider) {
        return reports(file, provider).map(found -> found.stream().findFirst());
    }

    private Uni<List<Report>> reports(String file, String provider) {
        int bucket = keys.bucketOf(file);
        String id = runner.newRequestId();
        return run(scripts.reports(), id, keys.ofReports(bucket, id, file), List.of(provider), false, asked(1))
                .map(reply -> {
                    List<Report> reports = new ArrayList<>();
                    for (int i = 2; i < reply.size(); i += 3) {
                        reports.add(new Report(
                                reply.text(i), reply.text(i + 2), reply.text(i + 1) + ":" + reply.nowMillis()));
                    }
                    reports.sort(Comparator.comparing(Report::provider));
                    return reports;
                });
    }

    @Override
    public Uni<BlockPage> page(String file, Report report, Optional<String> after) {
        int colon = report.handle().indexOf(':');
        List<String> arguments = arguments(file, report.provider(), new Precondition.Always());
        arguments.add(report.handle().substring(0, colon));
        arguments.add(report.revision());
        arguments.add(report.handle().substring(colon + 1));
        arguments.add(after.orElse(""));
        arguments.add(Integer.toString(pageBlocks));
        CallCost share = asked(0).continuing(CallCost.ofEntries(pageBlocks));
        return one(scripts.page(), file, report.provider(), arguments, false, share)
                .map(reply -> switch (reply.status()) {
                    case "page" ->
                        new BlockPage(
                                blocks(reply.text(3)),
                                Optional.of(reply.text(2)).filter(next -> !next.isEmpty()));
                    case "over" -> throw new ReadTooSlowException(report.provider());
                    default -> throw unknown(reply);
                });
    }

    private Uni<BlockSet> all(String file, Report report, Optional<String> after, List<ByteRange> before) {
        return page(file, report, after).chain(page -> {
            before.addAll(page.blocks());
            return page.next().isPresent()
                    ? all(file, report, page.next(), before)
                    : Uni.createFrom().item(BlockSet.of(before));
        });
    }

    // ---------------------------------------------------------------- changing

    @Override
    public Uni<ReportChange> replace(String file, String provider, BlockSet blocks, Precondition condition) {
        if (blocks.size() > limits.blocksPerReport()) {
            return Uni.createFrom().item(new ReportChange.TooManyBlocks(limits.blocksPerReport()));
        }
        return bring(file, provider, runner.newRequestId(), blocks, condition, 0);
    }

    /**
     * Brings the blocks from {@code from} on; the last slice makes the version count. The first is refused already if
     * it would not.
     */
    private Uni<ReportChange> bring(
            String file, String provider, String version, BlockSet blocks, Precondition condition, int from) {
        boolean last = blocks.size() - from <= maxSteps;
        int to = last ? blocks.size() : from + maxSteps;
        List<String> arguments = arguments(file, provider, condition);
        arguments.add(version);
        arguments.add(last ? Integer.toString(blocks.size()) : Long.toString(STAGED_MILLIS));
        add(arguments, blocks.slice(from, to));
        int cost = CallCost.ofEntries(to - from);
        CallCost share = from == 0 ? asked(cost) : asked(cost).continuing(cost);
        return one(last ? scripts.put() : scripts.stage(), file, provider, arguments, true, share)
                .chain(reply -> reply.status().equals("staged")
                        ? bring(file, provider, version, blocks, condition, to)
                        : Uni.createFrom().item(change(reply)));
    }

    @Override
    public Uni<ReportChange> patch(
            String file, String provider, List<ByteRange> removed, List<ByteRange> added, Precondition condition) {
        List<String> arguments = arguments(file, provider, condition);
        arguments.add(Integer.toString(removed.size()));
        add(arguments, removed);
        add(arguments, added);
        return one(scripts.patch(), file, provider, arguments, true, asked(1 + removed.size() + added.size()))
                .chain(reply -> reply.status().equals("large")
                        ? continuing().rewrite(file, provider, BlockSet.of(removed), BlockSet.of(added), condition)
                        : Uni.createFrom().item(change(reply)));
    }

    /** Each holds a whole report in memory, so there are few at once. */
    private Uni<ReportChange> rewrite(
            String file, String provider, BlockSet removed, BlockSet added, Precondition condition) {
        if (!rewriting.tryAcquire()) {
            return Uni.createFrom()
                    .failure(new MapUnavailableException("too many patches of many blocks are under way", null));
        }
        return rewrite(file, provider, removed, added, condition, ATTEMPTS)
                .onTermination()
                .invoke(rewriting::release);
    }

    private Uni<ReportChange> rewrite(
            String file, String provider, BlockSet removed, BlockSet added, Precondition condition, int attempts) {
        return report(file, provider).chain(found -> {
            if (!condition.holds(found)) {
                return Uni.createFrom().item(new ReportChange.Mismatch());
            }
            Uni<BlockSet> before = found.isPresent()
                    ? all(file, found.get(), Optional.empty(), new ArrayList<>())
                    : Uni.createFrom().item(BlockSet.EMPTY);
            Precondition unchanged = found.<Precondition>map(
                            report -> new Precondition.OneOf(Set.of(report.revision())))
                    .orElseGet(Precondition.Absent::new);
            return before.chain(blocks ->
                            replace(file, provider, blocks.without(removed).with(added), unchanged))
                    .chain(outcome -> {
                        if (!(outcome instanceof ReportChange.Mismatch)) {
                            return Uni.createFrom().item(outcome);
                        }
                        return attempts > 1
                                ? rewrite(file, provider, removed, added, condition, attempts - 1)
                                : Uni.createFrom()
                                        .failure(new MapUnavailableException(
                                                "the report of " + provider + " changes all the time", null));
                    });
        });
    }

    @Override
    public Uni<ReportChange> withdraw(String file, String provider, Precondition condition) {
        return one(scripts.delete(), file, provider, arguments(file, provider, condition), true, asked(1))
                .map(this::change);
    }

    private ReportChange change(Reply reply) {
        return switch (reply.status()) {
            case "done" -> new ReportChange.Done(reply.text(2), reply.flag(3));
            case "mismatch" -> new ReportChange.Mismatch();
            case "absent" -> new ReportChange.NoSuchReport();
            case "full" -> new ReportChange.TooManyBlocks(limits.blocksPerReport());
            case "crowded" -> new ReportChange.TooManyReports(limits.reportsPerFile());
            case "busy" ->
                throw new MapUnavailableException("the report changes faster than old blocks can be deleted", null);
            case "lost" -> throw new MapUnavailableException("bringing the blocks took too long", null);
            default -> throw unknown(reply);
        };
    }

    // ---------------------------------------------------------------- sweep

    @Override
    public Uni<Long> sweep() {
        return Sweeps.overAll(keys, bucket -> sweep(bucket, 0, Sweeps.ROUNDS));
    }

    /** @param rounds after which the next sweep goes on */
    private Uni<Long> sweep(int bucket, long before, int rounds) {
        String id = runner.newRequestId();
        return run(
                        scripts.due(),
                        id,
                        keys.ofLeftovers(bucket, id),
                        List.of(Integer.toString(maxSteps)),
                        false,
                        asked(1))
                .chain(reply -> {
                    boolean full = reply.size() - 2 >= maxSteps;
                    Uni<Long> swept = Uni.createFrom().item(before);
                    for (int i = 2; i < reply.size(); i++) {
                        String[] leftover = reply.text(i).split("\t", 3);
                        swept = swept.chain(sum -> sweep(leftover, "", sum, Sweeps.ROUNDS));
                    }
                    return full && rounds > 1 ? swept.chain(sum -> sweep(bucket, sum, rounds - 1)) : swept;
                });
    }

    /** @param leftover kind and version, file, provider */
    private Uni<Long> sweep(String[] leftover, String behind, long before, int rounds) {
        List<String> arguments = arguments(leftover[1], leftover[2], new Precondition.Always());
        arguments.add(leftover[0].substring(0, 1));
        arguments.add(leftover[0].substring(1));
        arguments.add(behind);
        CallCost share = asked(CallCost.ofEntries(maxSteps));
        return one(scripts.sweep(), leftover[1], leftover[2], arguments, true, share)
                .chain(reply -> {
                    long swept = before + Long.parseLong(reply.text(2));
                    String next = reply.text(3);
                    return next.isEmpty() || rounds == 1
                            ? Uni.createFrom().item(swept)
                            : sweep(leftover, next, swept, rounds - 1);
                });
    }

    // ---------------------------------------------------------------- calls

    private List<String> arguments(String file, String provider, Precondition condition) {
        List<String> arguments = new ArrayList<>(16);
        arguments.add(file);
        arguments.add(provider);
        arguments.add(
                switch (condition) {
                    case Precondition.Always() -> "";
                    case Precondition.Present() -> "+";
                    case Precondition.Absent() -> "-";
                    case Precondition.OneOf(var revisions) ->
                        // With none left it is one that nothing has.
                        revisions.stream()
                                .filter(revision -> REVISION.matcher(revision).matches())
                                .collect(Collectors.joining(",", "=", ""));
                });
        arguments.add(Integer.toString(maxSteps));
        arguments.add(Integer.toString(limits.blocksPerReport()));
        arguments.add(Integer.toString(limits.reportsPerFile()));
        arguments.add(Long.toString(limits.readTime().toMillis()));
        return arguments;
    }

    private Uni<Reply> one(
            LuaScript script, String file, String provider, List<String> arguments, boolean changes, CallCost share) {
        String id = runner.newRequestId();
        return run(script, id, keys.ofReport(keys.bucketOf(file), id, file, provider), arguments, changes, share);
    }

    private Uni<Reply> run(
            LuaScript script,
            String id,
            List<String> scriptKeys,
            List<String> arguments,
            boolean changes,
            CallCost share) {
        return runner.run(script, id, scriptKeys, arguments, changes, share)
                .onFailure(LockTableUnavailableException.class)
                .transform(failure -> new MapUnavailableException(
                        "the store of reports does not answer", failure, failure.isUnderRepair()));
    }

    private static void add(List<String> arguments, List<ByteRange> ranges) {
        for (ByteRange range : ranges) {
            arguments.add(GrantRows.hex(range.first()) + GrantRows.hex(range.last()));
        }
    }

    private static List<ByteRange> blocks(String text) {
        List<ByteRange> blocks = new ArrayList<>(text.length() / BLOCK);
        for (int i = 0; i < text.length(); i += BLOCK) {
            blocks.add(ByteRange.between(
                    Long.parseUnsignedLong(text, i, i + BLOCK / 2, 16),
                    Long.parseUnsignedLong(text, i + BLOCK / 2, i + BLOCK, 16)));
        }
        return blocks;
    }

    private static IllegalStateException unknown(Reply reply) {
        return new IllegalStateException("unknown status in the answer of a script: " + reply.status());
    }
}
