package io.lockgate.load;

import java.util.Locale;

/** How the files of a run are named in a path of the files API. Each kind of use has files of its own. */
record FileNames(boolean byPath, long first, String directory) {
    /** Ids of one kind of use; more files than a run may have. */
    static final long IDS_OF_A_KIND = 100_000_000;

    enum Kind {
        RECORDS(0),
        BATCHES(1),
        HOT(2),
        HEADER(3),
        LIST(4),
        LEASES(5);

        private final int place;

        Kind(int place) {
            this.place = place;
        }
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
                : Long.toString(first + kind.place * IDS_OF_A_KIND + number);
    }

    String name(Kind kind, long number) {
        return kind.name().toLowerCase(Locale.ROOT) + "-" + number;
    }
}
