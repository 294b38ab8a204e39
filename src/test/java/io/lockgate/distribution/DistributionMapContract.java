package io.lockgate.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.ByteRange;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every distribution map promises. */
public abstract class DistributionMapContract {
    private static final long MAX = ByteRange.MAX;

    private final String file = "file:" + UUID.randomUUID();

    private DistributionMap map;

    /** An empty map, or one in which nobody else uses files of random names. */
    protected abstract DistributionMap map(int blocksPerReport, int reportsPerFile, int pageBlocks);

    @BeforeEach
    void make() {
        map = map(10_000, 4, 3);
    }

    @Test
    @DisplayName("A file without reports has none to read and none to withdraw")
    void nobodyReports() {
        assertThat(get(map.reports(file))).isEmpty();
        assertThat(get(map.report(file, "p"))).isEmpty();
        assertThat(get(map.withdraw(file, "p", new Precondition.Always()))).isEqualTo(new ReportChange.NoSuchReport());
    }

    @Test
    @DisplayName("A replaced report has the new blocks only, and a new revision")
    void replaces() {
        ReportChange.Done first = done(put("p", bytes(0, 3), bytes(10, 29)));
        assertThat(first.created()).isTrue();
        assertThat(blocks("p")).containsExactly(bytes(0, 3), bytes(10, 29));
        ReportChange.Done second = done(put("p", bytes(5, 5)));
        assertThat(second.created()).isFalse();
        assertThat(second.revision()).isNotEqualTo(first.revision());
        assertThat(blocks("p")).containsExactly(bytes(5, 5));
    }

    @Test
    @DisplayName("A provider without blocks has a row until it withdraws")
    void emptyReport() {
        put("p");
        assertThat(blocks("p")).isEmpty();
        assertThat(get(map.reports(file))).extracting(Report::provider).containsExactly("p");
        done(get(map.withdraw(file, "p", new Precondition.Always())));
        assertThat(get(map.reports(file))).isEmpty();
    }

    @Test
    @DisplayName("Reports of other providers and files are separate, and listed in order of provider")
    void reportsAreApart() {
        put("p2", bytes(0, 9));
        put("p1", bytes(5, 14));
        get(map.replace(file + "x", "p1", BlockSet.of(List.of(bytes(1, 1))), new Precondition.Always()));
        assertThat(get(map.reports(file))).extracting(Report::provider).containsExactly("p1", "p2");
        assertThat(blocks("p1")).containsExactly(bytes(5, 14));
        assertThat(blocks("p2")).containsExactly(bytes(0, 9));
    }

    @Test
    @DisplayName("A colon in a name is a character like any other")
    void namesDoNotRunTogether() {
        get(map.replace(file + ":a", "b", BlockSet.of(List.of(bytes(1, 1))), new Precondition.Always()));
        assertThat(get(map.report(file, "a:b"))).isEmpty();
        get(map.replace(file, "a:b", BlockSet.of(List.of(bytes(2, 2))), new Precondition.Always()));
        assertThat(blocks("a:b")).containsExactly(bytes(2, 2));
    }

    @Test
    @DisplayName("A patch merges blocks that touch and splits blocks that it cuts")
    void patchMergesAndSplits() {
        patch("p", List.of(), List.of(bytes(0, 9), bytes(20, 29)));
        patch("p", List.of(), List.of(bytes(10, 19)));
        assertThat(blocks("p")).containsExactly(bytes(0, 29));
        patch("p", List.of(bytes(5, 6), bytes(29, 40)), List.of());
        assertThat(blocks("p")).containsExactly(bytes(0, 4), bytes(7, 28));
        patch("p", List.of(bytes(0, MAX)), List.of());
        assertThat(blocks("p")).isEmpty();
    }

    @Test
    @DisplayName("A range in both lists of a patch is present afterwards")
    void removesBeforeItAdds() {
        put("p", bytes(0, 99));
        patch("p", List.of(bytes(10, 19)), List.of(bytes(12, 13)));
        assertThat(blocks("p")).containsExactly(bytes(0, 9), bytes(12, 13), bytes(20, 99));
    }

    @Test
    @DisplayName("Ranges of one patch may overlap and touch each other")
    void rangesOfOnePatchMeet() {
        patch("p", List.of(), List.of(bytes(0, 4), bytes(3, 9), bytes(10, 10), bytes(12, 12)));
        assertThat(blocks("p")).containsExactly(bytes(0, 10), bytes(12, 12));
        patch("p", List.of(bytes(2, 3), bytes(3, 5)), List.of(bytes(5, 5), bytes(11, 11)));
        assertThat(blocks("p")).containsExactly(bytes(0, 1), bytes(5, 12));
    }

    @Test
    @DisplayName("Offsets are unsigned 64-bit numbers up to 2^64-1")
    void unsignedToTheEnd() {
        patch("p", List.of(), List.of(bytes(MAX, MAX), bytes(Long.MAX_VALUE, Long.MIN_VALUE)));
        patch("p", List.of(), List.of(bytes(1L << 53, (1L << 53) + 1), bytes(MAX - 1, MAX - 1)));
        assertThat(blocks("p"))
                .containsExactly(
                        bytes(1L << 53, (1L << 53) + 1), bytes(Long.MAX_VALUE, Long.MIN_VALUE), bytes(MAX - 1, MAX));
        patch("p", List.of(), List.of(bytes(0, MAX)));
        assertThat(blocks("p")).containsExactly(bytes(0, MAX));
        patch("p", List.of(bytes(0, 0), bytes(MAX, MAX)), List.of());
        assertThat(blocks("p")).containsExactly(bytes(1, MAX - 1));
    }

    @Test
    @DisplayName("A call that changes nothing keeps the revision")
    void revisionOfNoChange() {
        ReportChange.Done first = done(put("p", bytes(0, 99), bytes(200, 299)));
        assertThat(patch("p", List.of(bytes(100, 150)), List.of(bytes(3, 5), bytes(200, 299))))
                .isEqualTo(new ReportChange.Done(first.revision(), false));
        assertThat(patch("p", List.of(bytes(0, 99)), List.of(bytes(0, 99))))
                .isEqualTo(new ReportChange.Done(first.revision(), false));
        assertThat(patch("p", List.of(), List.of(bytes(100, 100)))).isNotEqualTo(first);
    }

    @Test
    @DisplayName("An empty patch creates an empty report where there is none")
    void patchMakesAReport() {
        assertThat(done(patch("p", List.of(bytes(0, 5)), List.of())).created()).isTrue();
        assertThat(blocks("p")).isEmpty();
    }

    @Test
    @DisplayName("A precondition that does not hold changes nothing")
    void conditions() {
        BlockSet some = BlockSet.of(List.of(bytes(0, 9)));
        assertThat(get(map.replace(file, "p", some, new Precondition.Present())))
                .isEqualTo(new ReportChange.Mismatch());
        assertThat(get(map.replace(file, "p", some, new Precondition.OneOf(Set.of("0".repeat(16))))))
                .isEqualTo(new ReportChange.Mismatch());
        ReportChange.Done first = done(get(map.replace(file, "p", some, new Precondition.Absent())));
        assertThat(get(map.replace(file, "p", some, new Precondition.Absent()))).isEqualTo(new ReportChange.Mismatch());
        assertThat(get(map.patch(file, "p", List.of(), List.of(bytes(50, 50)), new Precondition.OneOf(Set.of()))))
                .isEqualTo(new ReportChange.Mismatch());
        Precondition fits = new Precondition.OneOf(Set.of("junk", first.revision()));
        ReportChange.Done second = done(get(map.patch(file, "p", List.of(), List.of(bytes(50, 50)), fits)));
        assertThat(get(map.patch(file, "p", List.of(), List.of(bytes(60, 60)), fits)))
                .isEqualTo(new ReportChange.Mismatch());
        assertThat(get(map.withdraw(file, "p", fits))).isEqualTo(new ReportChange.Mismatch());
        assertThat(blocks("p")).containsExactly(bytes(0, 9), bytes(50, 50));
        done(get(map.withdraw(file, "p", new Precondition.OneOf(Set.of(second.revision())))));
        assertThat(get(map.reports(file))).isEmpty();
    }

    @Test
    @DisplayName("A reader sees the reports as they were when the read began")
    void readersSeeOneMoment() {
        List<ByteRange> before = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            before.add(bytes(i * 10L, i * 10L + 4));
        }
        get(map.replace(file, "p", BlockSet.of(before), new Precondition.Always()));
        Report report = get(map.report(file, "p")).orElseThrow();
        List<ByteRange> read = new ArrayList<>();
        Optional<String> next = Optional.empty();
        int pages = 0;
        do {
            BlockPage page = get(map.page(file, report, next));
            read.addAll(page.blocks());
            next = page.next();
            switch (pages++) {
                case 0 -> patch("p", List.of(bytes(0, 200)), List.of(bytes(95, 99)));
                case 1 -> patch("p", List.of(), List.of(bytes(100, 199)));
                case 2 -> put("p", bytes(7, 7));
                case 3 -> done(get(map.withdraw(file, "p", new Precondition.Always())));
                default -> put("p", bytes(8, 8));
            }
            get(map.sweep());
        } while (next.isPresent());
        assertThat(read).isEqualTo(before);
        assertThat(pages).isGreaterThan(5);
    }

    @Test
    @DisplayName("A report beyond the limit of blocks is refused, and one that stays within it is accepted")
    void tooManyBlocks() {
        DistributionMap few = map(3, 4, 3);
        List<ByteRange> three = List.of(bytes(0, 0), bytes(2, 2), bytes(4, 4));
        done(get(few.replace(file, "p", BlockSet.of(three), new Precondition.Always())));
        assertThat(get(few.patch(file, "p", List.of(), List.of(bytes(6, 6)), new Precondition.Always())))
                .isEqualTo(new ReportChange.TooManyBlocks(3));
        assertThat(get(few.replace(
                        file,
                        "q",
                        BlockSet.of(List.of(bytes(0, 0), bytes(2, 2), bytes(4, 4), bytes(6, 6))),
                        new Precondition.Always())))
                .isEqualTo(new ReportChange.TooManyBlocks(3));
        done(get(few.patch(file, "p", List.of(bytes(0, 0)), List.of(bytes(6, 6)), new Precondition.Always())));
        assertThat(get(few.reports(file))).hasSize(1);
    }

    @Test
    @DisplayName("A report beyond the limit of reports of a file is refused until another is withdrawn")
    void tooManyReports() {
        for (String provider : List.of("a", "b", "c", "d")) {
            put(provider, bytes(0, 0));
        }
        assertThat(put("e", bytes(0, 0))).isEqualTo(new ReportChange.TooManyReports(4));
        assertThat(patch("e", List.of(), List.of(bytes(0, 0)))).isEqualTo(new ReportChange.TooManyReports(4));
        done(put("a", bytes(1, 1)));
        done(get(map.withdraw(file, "b", new Precondition.Always())));
        done(put("e", bytes(0, 0)));
    }

    private ReportChange put(String provider, ByteRange... blocks) {
        return get(map.replace(file, provider, BlockSet.of(List.of(blocks)), new Precondition.Always()));
    }

    private ReportChange patch(String provider, List<ByteRange> removed, List<ByteRange> added) {
        return get(map.patch(file, provider, removed, added, new Precondition.Always()));
    }

    private List<ByteRange> blocks(String provider) {
        return read(map, file, get(map.report(file, provider)).orElseThrow());
    }

    /** All blocks of a report. */
    public static List<ByteRange> read(DistributionMap map, String file, Report report) {
        List<ByteRange> blocks = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            BlockPage page = get(map.page(file, report, next));
            blocks.addAll(page.blocks());
            next = page.next();
        } while (next.isPresent());
        return blocks;
    }

    private static ReportChange.Done done(ReportChange change) {
        assertThat(change).isInstanceOf(ReportChange.Done.class);
        return (ReportChange.Done) change;
    }

    private static ByteRange bytes(long first, long last) {
        return ByteRange.between(first, last);
    }

    protected static <T> T get(Uni<T> call) {
        return call.await().atMost(Duration.ofSeconds(20));
    }
}
