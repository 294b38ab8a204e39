package io.lockgate.bench;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown that reads well in a terminal too. The first row is the head; the last columns align right. */
final class Table {
    private static final int LEFT_COLUMNS = 3;

    private final int leftColumns;
    private final List<List<String>> rows = new ArrayList<>();

    /** With three columns that align left. */
    Table() {
        this(LEFT_COLUMNS);
    }

    Table(int leftColumns) {
        this.leftColumns = leftColumns;
    }

    void row(List<String> cells) {
        rows.add(cells);
    }

    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], Math.max(2, row.get(c).length()));
            }
        }
        StringBuilder out = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            line(out, rows.get(r), widths);
            if (r == 0) {
                out.append('|');
                for (int c = 0; c < columns; c++) {
                    String dashes = "-".repeat(widths[c] + 1);
                    out.append(c < leftColumns ? dashes + "-" : dashes + ":").append('|');
                }
                out.append('\n');
            }
        }
        return out.toString();
    }

    private void line(StringBuilder out, List<String> row, int[] widths) {
        out.append('|');
        for (int c = 0; c < row.size(); c++) {
            String pad = " ".repeat(widths[c] - row.get(c).length());
            out.append(' ')
                    .append(c < leftColumns ? row.get(c) + pad : pad + row.get(c))
                    .append(" |");
        }
        out.append('\n');
    }
}
