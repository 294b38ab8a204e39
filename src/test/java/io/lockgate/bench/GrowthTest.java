package io.lockgate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lockgate.bench.Plot.Axis;
import io.lockgate.bench.Plot.Series;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What {@code bench/growth} draws and writes. It measures nothing here. */
class GrowthTest {
    private static final Axis LOCKS = Axis.logarithmic("locks");
    private static final Axis MICROS = Axis.linear("\u00b5s");

    @Test
    @DisplayName("A linear axis has about five numbers from zero on, and ends above the greatest value")
    void linear() {
        assertThat(MICROS.ticks(3, 47)).containsExactly(0.0, 10.0, 20.0, 30.0, 40.0, 50.0);
        assertThat(MICROS.ticks(3, 50)).endsWith(50.0);
        assertThat(MICROS.ticks(0, 1_234)).containsExactly(0.0, 250.0, 500.0, 750.0, 1_000.0, 1_250.0);
        assertThat(MICROS.ticks(0, 0)).hasSizeGreaterThan(1);
    }

    @Test
    @DisplayName("A logarithmic axis has a number at each power of ten, and no place for zero")
    void logarithmic() {
        assertThat(LOCKS.ticks(10, 100_000)).containsExactly(10.0, 100.0, 1_000.0, 10_000.0, 100_000.0);
        assertThat(LOCKS.ticks(0.2, 0.3)).containsExactly(0.1, 1.0);
        assertThat(LOCKS.ticks(1_000, 1_000)).containsExactly(1_000.0, 10_000.0);
        assertThatThrownBy(() -> LOCKS.ticks(0, 10)).hasMessageContaining("no place for 0");
    }

    @Test
    @DisplayName("Numbers are written for people")
    void numbers() {
        assertThat(Plot.number(1_000_000)).isEqualTo("1,000,000");
        assertThat(Plot.number(0.25)).isEqualTo("0.25");
        assertThat(GrowthPage.value(1_234.5)).isEqualTo("1,235");
        assertThat(GrowthPage.value(12.34)).isEqualTo("12.3");
    }

    @Test
    @DisplayName(
            "A plot is a well-formed SVG document of less than 20 KB, whatever the names are, and the same each time")
    void wellFormed() throws Exception {
        List<Series> lines = IntStream.range(0, 8)
                .mapToObj(i -> new Series("<line> & \"" + i + '"', points(6, i + 1)))
                .toList();
        Plot plot = new Plot("a < b", LOCKS, MICROS, lines);
        assertThat(plot.svg().length()).isLessThan(20_000);
        assertThat(new Plot("a < b", LOCKS, MICROS, lines).svg()).isEqualTo(plot.svg());
        Document document = parsed(plot.svg());
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(texts(document)).contains("a < b", "locks", "\u00b5s", "<line> & \"7\"", "100,000");
    }

    @Test
    @DisplayName("The names of lines that end in one place do not cover each other, and stay on the paper")
    void names() throws Exception {
        List<Series> lines = IntStream.range(0, 8)
                .mapToObj(i -> new Series("line " + i, points(3, 0)))
                .toList();
        List<Double> places = new ArrayList<>();
        NodeList texts = parsed(new Plot("flat", LOCKS, MICROS, lines).svg()).getElementsByTagName("text");
        for (int i = 0; i < texts.getLength(); i++) {
            Element text = (Element) texts.item(i);
            if (text.getTextContent().startsWith("line ")) {
                places.add(Double.valueOf(text.getAttribute("y")));
            }
        }
        places.sort(null);
        assertThat(places).hasSize(8);
        for (int i = 1; i < places.size(); i++) {
            assertThat(places.get(i) - places.get(i - 1)).isGreaterThanOrEqualTo(19.9);
        }
        assertThat(places.getFirst()).isPositive();
        assertThat(places.getLast()).isLessThan(400);
    }

    private static NavigableMap<Double, Double> points(int count, double factor) {
        NavigableMap<Double, Double> points = new TreeMap<>();
        IntStream.range(0, count).forEach(i -> points.put(Math.pow(10, i), factor * (i + 1)));
        return points;
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static List<String> texts(Document document) {
        NodeList texts = document.getElementsByTagName("text");
        return IntStream.range(0, texts.getLength())
                .mapToObj(i -> texts.item(i).getTextContent())
                .toList();
    }

    @Test
    @DisplayName(
            "What was measured is read as it was written, and a series that is measured again replaces the old one")
    void keeps(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("docs").resolve("growth.tsv");
        Measured measured = Measured.read(file);
        measured.begin("locks", "acquire", "Commit a.").putAll(Map.of(10.0, 1.25, 100.0, 2.5));
        measured.begin("locks", "release", "Commit a.").put(10.0, 3.0);
        measured.write(file);
        Measured again = Measured.read(file);
        again.begin("locks", "acquire", "Commit b.").put(1_000.0, 4.0);
        again.write(file);
        Measured last = Measured.read(file);
        assertThat(last.part("locks").keySet()).containsExactly("acquire", "release");
        assertThat(last.series("locks", "acquire").orElseThrow().points()).isEqualTo(Map.of(1_000.0, 4.0));
        assertThat(last.series("locks", "release").orElseThrow().points()).isEqualTo(Map.of(10.0, 3.0));
        assertThat(last.about(last.part("locks").values())).containsExactly("Commit b.", "Commit a.");
        Files.writeString(file, "locks\tacquire\t10\n");
        assertThatThrownBy(() -> Measured.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("growth.tsv");
    }

    @Test
    @DisplayName("A section is written again between its markers, and nothing else changes")
    void sections() {
        String page = "before\n<!-- growth:a -->\nold\n<!-- /growth:a -->\nafter\n";
        String once = GrowthPage.replaced(page, "a", "new");
        assertThat(once).isEqualTo("before\n<!-- growth:a -->\n\nnew\n<!-- /growth:a -->\nafter\n");
        assertThat(GrowthPage.replaced(once, "a", "new")).isEqualTo(once);
        assertThatThrownBy(() -> GrowthPage.replaced(page, "b", "new")).hasMessageContaining("growth:b");
    }

    @Test
    @DisplayName("The page in docs has all sections, and is what its figures make of it")
    void page() throws Exception {
        String page = Files.readString(Path.of("docs", "growth.md"));
        for (String section : GrowthPage.sectionNames()) {
            GrowthPage.replaced(page, section, "");
        }
        GrowthPage made = new GrowthPage(Measured.read(Path.of("docs", "growth.tsv")));
        assertThat(made.fill(page)).as("bench/growth --draw writes it again").isEqualTo(page);
        for (Map.Entry<String, String> plot : made.plots().entrySet()) {
            assertThat(Path.of("docs", "images", plot.getKey())).content().isEqualTo(plot.getValue());
        }
    }

    @Test
    @DisplayName("The estimate follows from the figures: bytes times a billion, divided by what a primary may hold")
    void estimate() {
        Measured measured = new Measured();
        assertThat(Estimate.of(measured)).isEmpty();
        measured.begin("loading", "bytes of memory per lock", "").put(1e6, 1_000.0);
        measured.begin("loading", "start from the snapshot, s", "").put(1e5, 0.5);
        measured.begin("locks", "acquire, exclusive: " + Shape.ALIGNED.text, "").putAll(Map.of(1e5, 20.0, 1e6, 22.0));
        Estimate estimate = Estimate.of(measured).orElseThrow();
        // 1,000 GB are 931.3 GiB; 38.4 GiB of 64 hold data.
        assertThat(Estimate.primaries(estimate.bytes())).isEqualTo(25);
        assertThat(estimate.loadSeconds()).isEqualTo(5.0);
        assertThat(estimate.acquireMicros(1e6)).isEqualTo(22.0);
        assertThat(estimate.acquireMicros(1e7)).isCloseTo(24.2, within(1e-9));
        assertThat(estimate.acquireMicros(1e4)).isEqualTo(22.0);
        assertThat(estimate.text()).contains("**25**", "200 s");
    }
}
