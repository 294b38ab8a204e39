package io.lockgate.distribution;

import io.lockgate.range.ByteRange;
import io.smallrye.mutiny.Uni;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** The map as its port describes it, in the plainest way: all reports there ever were. */
final class InMemoryDistributionMap implements DistributionMap {
    private final int blocksPerReport;
    private final int reportsPerFile;
    private final int pageBlocks;
    private final Map<String, TreeMap<String, Report>> files = new HashMap<>();
    private final Map<String, List<ByteRange>> history = new HashMap<>();
    private long revisions;

    InMemoryDistributionMap(int blocksPerReport, int reportsPerFile, int pageBlocks) {
        this.blocksPerReport = blocksPerReport;
        this.reportsPerFile = reportsPerFile;
        this.pageBlocks = pageBlocks;
    }

    @Override
    public Uni<List<Report>> reports(String file) {
        return Uni.createFrom().item(() -> List.copyOf(of(file).values()));
    }

    @Override
    public Uni<Optional<Report>> report(String file, String provider) {
        return Uni.createFrom().item(() -> Optional.ofNullable(of(file).get(provider)));
    }

    @Override
    public Uni<BlockPage> page(String file, Report report, Optional<String> after) {
        return Uni.createFrom().item(() -> {
            List<ByteRange> all = Objects.requireNonNull(history.get(report.handle()));
            int from = after.map(Integer::parseInt).orElse(0);
            int to = Math.min(all.size(), from + pageBlocks);
            return new BlockPage(
                    all.subList(from, to), to < all.size() ? Optional.of(Integer.toString(to)) : Optional.empty());
        });
    }

    @Override
    public Uni<ReportChange> replace(String file, String provider, BlockSet blocks, Precondition condition) {
        return Uni.createFrom().item(() -> {
            BytesModel model = new BytesModel();
            blocks.ranges().forEach(model::add);
            return store(file, provider, model, condition);
        });
    }

    @Override
    public Uni<ReportChange> patch(
            String file, String provider, List<ByteRange> removed, List<ByteRange> added, Precondition condition) {
        return Uni.createFrom().item(() -> {
            BytesModel model = new BytesModel();
            Optional<Report> report = Optional.ofNullable(of(file).get(provider));
            List<ByteRange> before =
                    report.map(one -> history.get(one.handle())).orElse(List.of());
            before.forEach(model::add);
            removed.forEach(model::remove);
            added.forEach(model::add);
            if (report.isPresent() && condition.holds(report) && model.ranges().equals(before)) {
                return new ReportChange.Done(report.get().revision(), false);
            }
            return store(file, provider, model, condition);
        });
    }

    @Override
    public Uni<ReportChange> withdraw(String file, String provider, Precondition condition) {
        return Uni.createFrom().item(() -> {
            Optional<Report> report = Optional.ofNullable(of(file).get(provider));
            if (report.isEmpty()) {
                return new ReportChange.NoSuchReport();
            }
            if (!condition.holds(report)) {
                return new ReportChange.Mismatch();
            }
            of(file).remove(provider);
            return new ReportChange.Done(report.get().revision(), false);
        });
    }

    @Override
    public Uni<Long> sweep() {
        return Uni.createFrom().item(0L);
    }

    private Map<String, Report> of(String file) {
        return files.computeIfAbsent(file, name -> new TreeMap<>());
    }

    private ReportChange store(String file, String provider, BytesModel model, Precondition condition) {
        Optional<Report> before = Optional.ofNullable(of(file).get(provider));
        List<ByteRange> ranges = model.ranges();
        if (!condition.holds(before)) {
            return new ReportChange.Mismatch();
        }
        if (before.isEmpty() && of(file).size() >= reportsPerFile) {
            return new ReportChange.TooManyReports(reportsPerFile);
        }
        if (ranges.size() > blocksPerReport) {
            return new ReportChange.TooManyBlocks(blocksPerReport);
        }
        String revision = "%016x".formatted(++revisions);
        history.put(revision, ranges);
        of(file).put(provider, new Report(provider, revision, revision));
        return new ReportChange.Done(revision, before.isEmpty());
    }
}
