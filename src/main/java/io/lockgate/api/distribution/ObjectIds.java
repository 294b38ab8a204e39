package io.lockgate.api.distribution;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The meaning of the file ids of this API. */
public sealed interface ObjectIds {
    /**
     * The file that {@code id}, as it stands in the path, names.
     *
     * @throws RuntimeException that this API answers with the error of docs/api-distribution.md
     */
    String fileOf(String id);

    /** Any text is an id. */
    record Opaque() implements ObjectIds {
        /** Object ids of this dialect have up to 664 digits. */
        private static final int MAX_BYTES = 1_024;

        @Override
        public String fileOf(String id) {
            return ReportParser.name("id", id, MAX_BYTES);
        }
    }

    /**
     * Hex object ids (docs/api-distribution.md): {@code 00}, {@code 000000}, {@code 00}, a length and a CRC-16, which
     * nobody checks, and the raw text {@code guid#UUID#SPACE} or {@code shareGuid#UUID#SPACE#SHARE}. The file is called
     * by that text.
     *
     * @param providerId what this gateway calls itself in errors
     */
    record Strict(String providerId) implements ObjectIds {
        private static final int HEADER = 8;
        private static final int MAX_DATA = 320;
        private static final Pattern GUID = Pattern.compile("guid#[^#]*#[^#]*");
        private static final Pattern SHARE = Pattern.compile("shareGuid#[^#]*#[^#]*#[^#]*");

        @Override
        public String fileOf(String id) {
            String text = decode(id)
                    .orElseThrow(() -> new DistributionProblemException(DistributionProblem.notASpace(id, providerId)));
            if (SHARE.matcher(text).matches()) {
                throw new DistributionProblemException(DistributionProblem.NOT_ON_SHARES);
            }
            if (!GUID.matcher(text).matches()) {
                throw new DistributionProblemException(DistributionProblem.notASpace(id, providerId));
            }
            return text;
        }

        private static Optional<String> decode(String id) {
            if (id.length() % 2 != 0 || id.length() <= 2 * HEADER || id.length() > 2 * (HEADER + MAX_DATA)) {
                return Optional.empty();
            }
            byte[] bytes;
            try {
                bytes = HexFormat.of().parseHex(id.toLowerCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
            for (int i = 0; i < HEADER - 3; i++) {
                if (bytes[i] != 0) {
                    return Optional.empty();
                }
            }
            for (int i = HEADER; i < bytes.length; i++) {
                if (bytes[i] < ' ' || bytes[i] == 0x7F) {
                    return Optional.empty();
                }
            }
            return Optional.of(new String(bytes, HEADER, bytes.length - HEADER, StandardCharsets.US_ASCII));
        }
    }
}
