package io.lockgate.file;

/** A reference to a file: its id, or its path. Neither says that such a file is known. */
public sealed interface FileRef {
    /** The longest decimal form of an id, in digits: 2^64-1 has twenty. */
    int MAX_DIGITS = 20;

    /**
     * A file by its id.
     *
     * @param id unsigned 64-bit
     */
    record ById(long id) implements FileRef {
        @Override
        public String scope() {
            return Long.toUnsignedString(id);
        }

        /** The id in decimal, as it travels. */
        @Override
        public String toString() {
            return Long.toUnsignedString(id);
        }
    }

    /** A file by its path. */
    record ByPath(FilePath path) implements FileRef {
        @Override
        public String scope() {
            return path.text();
        }

        /** The path, escaped for a log. */
        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** The file as scopes of permissions name it: its path, or its id in decimal. */
    String scope();

    /**
     * Reads the {@code ref} of an address: with a slash in front it is a path, else a decimal id of 0 to 2^64-1. An id
     * has one spelling: ASCII digits only, no sign, no zero in front ({@code "007"} is refused, not 7), so that one
     * file cannot appear under two addresses in caches, logs and audit.
     *
     * @param decoded the one path segment after exactly one percent-decoding
     * @throws BadPathException when it is neither
     */
    static FileRef parse(String decoded) {
        if (decoded.startsWith("/")) {
            return new ByPath(FilePath.parse(decoded));
        }
        return new ById(parseId(decoded));
    }

    private static long parseId(String decoded) {
        // Long.parseUnsignedLong alone also takes a plus sign, zeros in front, and the digits of every script.
        if (decoded.isEmpty() || !decoded.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new BadPathException("is neither a decimal id nor a path that begins with a slash");
        }
        if (decoded.length() > 1 && decoded.charAt(0) == '0') {
            throw new BadPathException("is an id with a zero in front");
        }
        if (decoded.length() > MAX_DIGITS) {
            throw new BadPathException("is an id above 2^64-1");
        }
        try {
            return Long.parseUnsignedLong(decoded);
        } catch (NumberFormatException tooLarge) {
            throw new BadPathException("is an id above 2^64-1");
        }
    }
}
