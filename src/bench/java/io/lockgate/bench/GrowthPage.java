package io.lockgate.bench;

import io.lockgate.bench.Measured.Series;
import io.lockgate.bench.Plot.Axis;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The plots and the measured sections of {@code docs/growth.md}. A section stands between {@code <!-- growth:NAME -->} and
 * {@code <!-- /growth:NAME -->} and is written again as a whole; what stands around them is written by people.
 */
final class GrowthPage {
    private static final String LOCKS = "locks on the file";
    private static final String MICROS = "processor time in Redis, \u00b5s";

    /** At the end of a series that is a time. */
    private static final String SECONDS = ", s";

    /** A part of the page, in the order of the page. */
    private static final List<Section> SECTIONS = List.of(
            new Section(
                    "locks",
                    LOCKS,
                    new Figure(
                            "acquire",
                            "Acquire, exclusive",
                            "acquire, exclusive: ",
                            Axis.logarithmic(LOCKS),
                            Axis.linear(MICROS)),
                    new Figure(
                            "acquire-shared",
                            "Acquire, shared",
                            "acquire, shared: ",
                            Axis.logarithmic(LOCKS),
                            Axis.linear(MICROS)),
                    new Figure(
                            "refused",
                            "Acquire, refused",
                            "acquire, exclusive, refused: ",
                            Axis.logarithmic(LOCKS),
                            Axis.linear(MICROS)),
                    new Figure(
                            "release",
                            "Release of an exclusive lock",
                            "release, exclusive: ",
                            Axis.logarithmic(LOCKS),
                            Axis.linear(MICROS))),
            new Section(
                    "memory",
                    LOCKS,
                    new Figure(
                            "memory",
                            "Memory of Redis for a lock",
                            "bytes per lock: ",
                            Axis.logarithmic(LOCKS),
                            Axis.linear("bytes per lock"))),
            new Section(
                    "files",
                    "files",
                    new Figure(
                            "files", "Files with ten locks each", "", Axis.logarithmic("files"), Axis.linear(MICROS))),
            new Section(
                    "owners",
                    "owners",
                    new Figure(
                            "owners",
                            "One file, always as many locks",
                            "",
                            Axis.logarithmic("owners that share the locks"),
                            Axis.linear(MICROS))),
            new Section(
                    "list",
                    "locks in the list",
                    new Figure(
                            "list",
                            "A page of 1,000 locks",
                            "",
                            Axis.logarithmic("locks in the list"),
                            Axis.linear("time of a page, ms; of the processor where a process is named"))),
            new Section(
                    "connections",
                    "connections",
                    new Figure(
                            "connections",
                            "Busy connections",
                            "requests a second",
                            Axis.logarithmic("connections"),
                            Axis.linear("requests a second")),
                    new Figure(
                            "connections-cost",
                            "What a request costs",
                            "us a request: ",
                            Axis.logarithmic("connections"),
                            Axis.linear("processor time a request, \u00b5s"))),
            new Section(
                    "idle",
                    "idle connections",
                    new Figure(
                            "idle",
                            "Idle connections",
                            "resident memory, MiB",
                            Axis.linear("idle connections"),
                            Axis.linear("resident memory of the gateway, MiB"))),
            new Section(
                    "cluster",
                    "primaries",
                    new Figure(
                            "cluster",
                            "Primaries of a cluster",
                            "us a request: ",
                            Axis.linear("primaries (0: Redis without a cluster)"),
                            Axis.linear("processor time a request, \u00b5s"))),
            new Section(
                    "loading",
                    "locks",
                    new Figure(
                            "loading",
                            "A snapshot of Redis",
                            "",
                            Axis.logarithmic("locks"),
                            Axis.logarithmic("seconds"))),
            new Section("registry", "files in the registry"));

    private final Measured measured;

    GrowthPage(Measured measured) {
        this.measured = measured;
    }

    /**
     * @param prefix of the series that it shows; empty for all
     */
    private record Figure(String file, String title, String prefix, Axis x, Axis y) {
        String name() {
            return "growth-" + file + ".svg";
        }
    }

    private record Section(String part, String x, List<Figure> figures) {
        Section(String part, String x, Figure... figures) {
            this(part, x, List.of(figures));
        }
    }

    /** All sections, the estimate among them, by their names. */
    static List<String> sectionNames() {
        List<String> names =
                new ArrayList<>(SECTIONS.stream().map(Section::part).toList());
        names.add(Estimate.SECTION);
        return names;
    }

    /** The files of all plots that can be drawn, by name. */
    Map<String, String> plots() {
        Map<String, String> plots = new LinkedHashMap<>();
        for (Section section : SECTIONS) {
            for (Figure figure : section.figures()) {
                plot(section, figure).ifPresent(plot -> plots.put(figure.name(), plot.svg()));
            }
        }
        return plots;
    }

    private Optional<Plot> plot(Section section, Figure figure) {
        List<Plot.Series> lines = new ArrayList<>();
        measured.part(section.part()).forEach((name, series) -> {
            // Only what is in the unit of the axis: a snapshot also has sizes.
            boolean fits = !figure.y().title().equals("seconds") || name.endsWith(SECONDS);
            if (name.startsWith(figure.prefix()) && fits && !series.points().isEmpty()) {
                String rest = name.substring(figure.prefix().length()).replaceFirst(SECONDS + "$", "");
                lines.add(new Plot.Series(rest.isEmpty() ? name : rest, series.points()));
            }
        });
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(new Plot(figure.title(), figure.x(), figure.y(), lines));
    }

    /** {@code page} with every section that was measured; the others stay what they are. */
    String fill(String page) {
        String filled = page;
        for (Section section : SECTIONS) {
            if (!measured.part(section.part()).isEmpty()) {
                filled = replaced(filled, section.part(), text(section));
            }
        }
        Optional<String> estimate = Estimate.of(measured).map(Estimate::text);
        return estimate.isPresent() ? replaced(filled, Estimate.SECTION, estimate.get()) : filled;
    }

    /** @throws IllegalArgumentException when the page has no such section */
    static String replaced(String page, String section, String text) {
        String begin = "<!-- growth:" + section + " -->\n";
        String end = "<!-- /growth:" + section + " -->";
        int from = page.indexOf(begin);
        int to = page.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("the page has no section between " + begin.strip() + " and " + end);
        }
        return page.substring(0, from + begin.length()) + "\n" + text + "\n" + page.substring(to);
    }

    private String text(Section section) {
        StringBuilder text = new StringBuilder();
        for (Figure figure : section.figures()) {
            if (plot(section, figure).isPresent()) {
                text.append("![")
                        .append(figure.title())
                        .append("](images/")
                        .append(figure.name())
                        .append(")\n\n");
            }
        }
        Map<String, Series> all = measured.part(section.part());
        text.append(table(section.x(), all)).append('\n');
        measured.about(all.values()).forEach(about -> text.append(about).append('\n'));
        return text.toString();
    }

    /** The measured values, a series in each row. */
    private static Table table(String x, Map<String, Series> all) {
        NavigableSet<Double> columns = new TreeSet<>();
        all.values().forEach(series -> columns.addAll(series.points().keySet()));
        Table table = new Table(1);
        List<String> head = new ArrayList<>(List.of(x));
        columns.forEach(column -> head.add(Plot.number(column)));
        table.row(head);
        all.forEach((name, series) -> {
            List<String> row = new ArrayList<>(List.of(name));
            columns.forEach(
                    column -> row.add(series.at(column).map(GrowthPage::value).orElse("")));
            table.row(row);
        });
        return table;
    }

    /** With three digits that count. */
    static String value(double value) {
        String format = value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
