package io.lockgate.load;

import java.util.Locale;

/** How the files of a run are named in a path of the files API. Each kind of use has files of its own. */
record FileNames(boolean byPath, long first, String directory) {
    /** Ids of one kind of use; more files than a run may have. */
    private static final long IDS_OF_A_KIND = 100_000_000;

    enum Kind {
        RECORDS,
        BATCHES,
        HOT,
        HEADER,
        LIST,
        LEASES
    }

    static FileNames of(Parameters parameters) {
        return new FileNames(
                "path".equals(parameters.text("file-names")),
                Long.parseLong(parameters.text("first-file")),
                parameters.text("directory").substring(1));
    }

    /** One segment of a path, encoded. */
    String ref(Kind kind, long number) {
        return byPath
                ? "%2F" + Encoding.percent(directory) + "%2F" + name(kind, number)
                : Long.toString(first + kind.ordinal() * IDS_OF_A_KIND + number);
    }

    String name(Kind kind, long number) {
        return kind.name().toLowerCase(Locale.ROOT) + "-" + number;
    }
}
