package io.lockgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code bench/growth} measured: parts, in them series, in these values. Kept as a text file, so that parts can be
 * measured one by one and drawn again without measuring. A line is part, series, x and y with tabs between; what a series
 * was measured with stands in a line of its own, with {@value #ABOUT} in place of x.
 */
final class Measured {
    private static final String ABOUT = "about";
    private static final int COLUMNS = 4;

    private final Map<String, Map<String, Series>> parts = new LinkedHashMap<>();

    /** @param about commit, machine and so on */
    record Series(String about, NavigableMap<Double, Double> points) {
        Optional<Double> at(double x) {
            return Optional.ofNullable(points.get(x));
        }
    }

    /** Of an earlier run; empty when there is no such file. */
    static Measured read(Path file) throws IOException {
        Measured measured = new Measured();
        if (!Files.exists(file)) {
            return measured;
        }
        for (String line : Files.readAllLines(file)) {
            String[] columns = line.split("\t", -1);
            if (columns.length != COLUMNS) {
                throw new IOException(file + ": not part, series, x and y: " + line);
            }
            if (columns[2].equals(ABOUT)) {
                measured.begin(columns[0], columns[1], columns[3]);
            } else {
                measured.series(columns[0], columns[1])
                        .orElseThrow(
                                () -> new IOException(file + ": no line tells what this was measured with: " + line))
                        .points()
                        .put(Double.valueOf(columns[2]), Double.valueOf(columns[3]));
            }
        }
        return measured;
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        parts.forEach((part, all) -> all.forEach((name, series) -> {
            lines.add(String.join("\t", part, name, ABOUT, series.about()));
            series.points()
                    .forEach((x, y) -> lines.add(
                            String.join("\t", part, name, Plot.number(x).replace(",", ""), Double.toString(y))));
        }));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
    }

    /** In place of what was known of it. */
    NavigableMap<Double, Double> begin(String part, String series, String about) {
        Series fresh = new Series(about, new TreeMap<>());
        parts.computeIfAbsent(part, name -> new LinkedHashMap<>()).put(series, fresh);
        return fresh.points();
    }

    /** Empty when it was not measured. */
    Optional<Series> series(String part, String name) {
        return Optional.ofNullable(parts.getOrDefault(part, Map.of()).get(name));
    }

    /** In the order in which they were measured first. */
    Map<String, Series> part(String name) {
        return parts.getOrDefault(name, Map.of());
    }

    /** Everything that the series of a part were measured with, each once. */
    List<String> about(Collection<Series> series) {
        return series.stream().map(Series::about).distinct().toList();
    }
}
