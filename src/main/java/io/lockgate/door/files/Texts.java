package io.lockgate.door.files;

import io.lockgate.door.Names;
import io.lockgate.http.IpAddress;

/** The rules of {@link Names}, with this door's error for what breaks them. */
final class Texts {
    private Texts() {}

    /** {@code text}, if it is an id: at least one byte long. */
    static String id(String field, String text) {
        if (text.isEmpty()) {
            throw BadRequest.field(field, "is empty");
        }
        return name(field, text);
    }

    /** {@code text}, if it is a name; it may be empty. */
    static String name(String field, String text) {
        Names.faultOf(text).ifPresent(fault -> {
            throw BadRequest.field(field, fault);
        });
        return text;
    }

    /** The canonical form of {@code text}, if it is an IP address; no name is looked up. */
    static String address(String field, String text) {
        return IpAddress.canonical(text)
                .orElseThrow(() -> BadRequest.field(
                        field,
                        "is not an IP address: four decimal numbers without leading zeros, or IPv6 without zone"));
    }
}
