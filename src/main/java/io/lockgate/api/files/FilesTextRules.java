package io.lockgate.api.files;

import io.lockgate.http.ProblemException;
import io.lockgate.http.TextRules;
import io.lockgate.http.connection.IpAddress;

/** The rules of {@link TextRules}, with this API's error for what breaks them. */
public final class FilesTextRules {
    private FilesTextRules() {}

    /** {@code text}, if it is an id: at least one byte long. */
    public static String id(String field, String text) {
        if (text.isEmpty()) {
            throw ProblemException.field(field, "is empty");
        }
        return name(field, text);
    }

    /** {@code text}, if it is a name; it may be empty. */
    public static String name(String field, String text) {
        return TextRules.require(field, text);
    }

    /** The canonical form of {@code text}, if it is an IP address; no name is looked up. */
    public static String address(String field, String text) {
        return IpAddress.canonical(text)
                .orElseThrow(() -> ProblemException.field(
                        field,
                        "is not an IP address: four decimal numbers without leading zeros, or IPv6 without zone"));
    }
}
