package io.lockgate.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;

/**
 * A plot of a few lines as an SVG document, 3 to 8 KB. It has a white ground of its own, so that it reads on a dark page too;
 * colours are Okabe's and Ito's, which the colour-blind tell apart, and each line has a marker of its own shape. The
 * same values give the same document.
 *
 * <p>Of our own, because JFreeChart with JFreeSVG needs 117 KB for the same plot, which then differs from run to run, and
 * fonts on the machine.
 *
 * @param title what is shown
 * @param series lines in the order of their colours, eight at most
 */
record Plot(String title, Axis x, Axis y, List<Series> series) {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 400;
    private static final int MARGIN = 24;
    private static final double LEFT = 76;
    private static final double TOP = 76;
    private static final double BOTTOM = HEIGHT - 60.0;
    /** Room for the names of the lines. */
    private static final int NAMES = 240;

    /** Between the names of two lines. */
    private static final double LINE_HEIGHT = 20;

    private static final String INK = "#262626";
    private static final String SOFT = "#5f5f5f";
    private static final String GRID = "#e7e7e7";
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c8c8c");

    /** Ends of a scale lie on a tick when the values come so near, as a share of the scale. */
    private static final double NEAR = 1e-9;

    Plot {
        if (series.isEmpty() || series.size() > COLOURS.size()) {
            throw new IllegalArgumentException(title + ": " + series.size() + " lines");
        }
    }

    /** A line; it has at least one point. */
    record Series(String name, NavigableMap<Double, Double> points) {}

    /**
     * What one of the directions means.
     *
     * @param title with the unit
     * @param logarithmic else linear from zero
     */
    record Axis(String title, boolean logarithmic) {
        static Axis linear(String title) {
            return new Axis(title, false);
        }

        static Axis logarithmic(String title) {
            return new Axis(title, true);
        }

        /** Where numbers stand: about five from zero on, or each power of ten. The values lie between first and last. */
        List<Double> ticks(double least, double greatest) {
            return logarithmic ? powersOfTen(least, greatest) : steps(greatest);
        }

        private static List<Double> powersOfTen(double least, double greatest) {
            if (least <= 0) {
                throw new IllegalArgumentException("a logarithmic axis has no place for " + least);
            }
            int first = (int) Math.floor(Math.log10(least) + NEAR);
            int last = Math.max(first + 1, (int) Math.ceil(Math.log10(greatest) - NEAR));
            List<Double> ticks = new ArrayList<>();
            for (int power = first; power <= last; power++) {
                ticks.add(Math.pow(10, power));
            }
            return ticks;
        }

        private static List<Double> steps(double greatest) {
            double step = step(Math.max(greatest, Double.MIN_NORMAL) / 5);
            List<Double> ticks = new ArrayList<>();
            int count = (int) Math.ceil(greatest / step - NEAR);
            for (int i = 0; i <= Math.max(1, count); i++) {
                ticks.add(i * step);
            }
            return ticks;
        }

        /** At least that much: 1, 2, 2.5 or 5 times a power of ten. */
        private static double step(double least) {
            double power = Math.pow(10, Math.floor(Math.log10(least)));
            for (double times : new double[] {1, 2, 2.5, 5}) {
                if (times * power >= least * (1 - NEAR)) {
                    return times * power;
                }
            }
            return 10 * power;
        }
    }

    /** The document. */
    String svg() {
        return new Drawing().draw();
    }

    /** A number as people read it. */
    static String number(double value) {
        if (value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        String text = String.format(Locale.ROOT, "%,.3f", value);
        return text.replaceAll("0+$", "");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** From values to places on the paper. */
    private record Scale(boolean logarithmic, double least, double greatest, double from, double to) {
        double at(double value) {
            double share = logarithmic
                    ? (Math.log10(value) - Math.log10(least)) / (Math.log10(greatest) - Math.log10(least))
                    : (value - least) / (greatest - least);
            return from + share * (to - from);
        }
    }

    /** One document in the making. */
    private final class Drawing {
        private final StringBuilder out = new StringBuilder(8_192);
        private final double right = series.size() == 1 ? WIDTH - MARGIN - 12.0 : WIDTH - NAMES;
        private final List<Double> xTicks = x.ticks(least(true), greatest(true));
        private final List<Double> yTicks = y.ticks(least(false), greatest(false));
        private final Scale across = new Scale(
                x.logarithmic(), xTicks.getFirst(), x.logarithmic() ? greatest(true) : xTicks.getLast(), LEFT, right);
        private final Scale up = new Scale(y.logarithmic(), yTicks.getFirst(), yTicks.getLast(), BOTTOM, TOP);

        private double least(boolean ofX) {
            return series.stream()
                    .flatMap(line ->
                            (ofX ? line.points().keySet() : line.points().values()).stream())
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }

        private double greatest(boolean ofX) {
            return series.stream()
                    .flatMap(line ->
                            (ofX ? line.points().keySet() : line.points().values()).stream())
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }

        String draw() {
            out.append("""
                    <svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img"\
                     font-family="system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif" font-size="12">
                    <title>%s</title>
                    <desc>%s against %s</desc>
                    <rect x="0.5" y="0.5" width="%s" height="%s" rx="6" fill="#ffffff" stroke="%s"/>
                    """.formatted(
                            WIDTH,
                            HEIGHT,
                            WIDTH,
                            HEIGHT,
                            escaped(title),
                            escaped(y.title()),
                            escaped(x.title()),
                            WIDTH - 1,
                            HEIGHT - 1,
                            GRID));
            text(MARGIN, 32, "start", INK, title, " font-size=\"16\" font-weight=\"600\"");
            text(MARGIN, 54, "start", SOFT, y.title(), "");
            axes();
            List<Double> places = names();
            for (int i = 0; i < series.size(); i++) {
                line(series.get(i), i);
                if (series.size() > 1) {
                    name(series.get(i), i, places.get(i));
                }
            }
            return out.append("</svg>\n").toString();
        }

        private void axes() {
            for (double tick : yTicks) {
                double at = up.at(tick);
                String colour = tick == yTicks.getFirst() ? SOFT : GRID;
                out.append("<path d=\"M%s %sH%s\" stroke=\"%s\"/>\n"
                        .formatted(place(LEFT), place(at), place(right), colour));
                text(LEFT - 8, at + 4, "end", SOFT, number(tick), "");
            }
            for (double tick : xTicks) {
                if (tick > across.greatest() * (1 + NEAR)) {
                    continue;
                }
                double at = across.at(tick);
                out.append("<path d=\"M%s %sv5\" stroke=\"%s\"/>\n".formatted(place(at), place(BOTTOM), SOFT));
                text(at, BOTTOM + 20, "middle", SOFT, number(tick), "");
            }
            text((LEFT + right) / 2, HEIGHT - 18.0, "middle", SOFT, x.title(), "");
        }

        /** Where the names stand: beside the ends of their lines, but none over another. */
        private List<Double> names() {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < series.size(); i++) {
                order.add(i);
            }
            order.sort(Comparator.comparingDouble(this::end));
            Double[] places = new Double[series.size()];
            double free = TOP - LINE_HEIGHT;
            for (int i : order) {
                free = Math.max(end(i), free + LINE_HEIGHT);
                places[i] = free;
            }
            // Those that were pushed below the axis push the others up again.
            double most = BOTTOM;
            for (int i : order.reversed()) {
                places[i] = Math.min(places[i], most);
                most = places[i] - LINE_HEIGHT;
            }
            return List.of(places);
        }

        private double end(int line) {
            return up.at(series.get(line).points().lastEntry().getValue());
        }

        private void line(Series line, int number) {
            StringBuilder path = new StringBuilder();
            line.points()
                    .forEach((px, py) -> path.append(path.isEmpty() ? "M" : "L")
                            .append(place(across.at(px)))
                            .append(' ')
                            .append(place(up.at(py))));
            out.append("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\"/>\n"
                    .formatted(path, COLOURS.get(number)));
            line.points().forEach((px, py) -> marker(across.at(px), up.at(py), number));
        }

        private void name(Series line, int number, double at) {
            double fromX = across.at(line.points().lastKey()) + 6;
            double toX = right + 22;
            out.append("<path d=\"M%s %sL%s %s\" fill=\"none\" stroke=\"%s\" stroke-opacity=\"0.35\"/>\n"
                    .formatted(place(fromX), place(end(number)), place(toX - 7), place(at), COLOURS.get(number)));
            marker(toX, at, number);
            text(toX + 10, at + 4, "start", INK, line.name(), "");
        }

        private void marker(double atX, double atY, int number) {
            String d =
                    switch (number % 4) {
                        case 0 -> "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z";
                        case 1 -> "m-3.5 -3.5h7v7h-7z";
                        case 2 -> "m0 -4.5l4.5 8h-9z";
                        default -> "m0 -5l5 5l-5 5l-5 -5z";
                    };
            out.append("<path d=\"M%s %s%s\" fill=\"%s\" stroke=\"#ffffff\"/>\n"
                    .formatted(place(atX), place(atY), d, COLOURS.get(number)));
        }

        private void text(double atX, double atY, String anchor, String colour, String text, String more) {
            out.append("<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"%s\"%s>%s</text>\n"
                    .formatted(place(atX), place(atY), anchor, colour, more, escaped(text)));
        }

        private static String place(double value) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
    }
}
