package io.lockgate.load;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The scenarios that there are. */
enum Scenario {
    RECORDS,
    HOT_FILE,
    HEADER,
    BATCHES,
    LISTS,
    RENEWALS,
    MIXED;

    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String titles() {
        return Arrays.stream(values()).map(Scenario::title).collect(Collectors.joining(", "));
    }
}
