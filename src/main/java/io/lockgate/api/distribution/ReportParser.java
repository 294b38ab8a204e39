package io.lockgate.api.distribution;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lockgate.distribution.BlockSet;
import io.lockgate.http.Json;
import io.lockgate.http.TextRules;
import io.lockgate.http.UnreadableBodyException;
import io.lockgate.range.ByteRange;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** From what a client wrote to values. */
final class ReportParser {
    private static final String TWO_TO_64 = "18446744073709551616";

    private ReportParser() {}

    /** When a body must have arrived; asked whenever some more of it has. */
    interface Deadline {
        /** Throws when it is over. */
        void check();

        static Deadline in(Duration time) {
            long began = System.nanoTime();
            return () -> {
                if (System.nanoTime() - began > time.toNanos()) {
                    throw new DistributionProblemException(DistributionProblem.TOO_SLOW);
                }
            };
        }
    }

    /** The ranges of a patch. */
    record Patch(List<ByteRange> removed, List<ByteRange> added) {}

    /** {@code text}, if it is a name. */
    static String name(String field, String text, int maxBytes) {
        if (text.isEmpty()) {
            throw new DistributionProblemException(DistributionProblem.badField(field, "is empty"));
        }
        TextRules.faultOf(text, maxBytes).ifPresent(fault -> {
            throw new DistributionProblemException(DistributionProblem.badField(field, fault));
        });
        return text;
    }

    /**
     * Reads a report as it arrives, so that its text is never in memory as a whole. Other fields are passed over: what
     * was read may be sent back with its sum.
     */
    static BlockSet report(InputStream body, DistributionLimits limits, Deadline deadline) {
        BlockSet.Builder blocks = new BlockSet.Builder();
        boolean given = read(body, limits.bodyLimit(), deadline, true, Map.of("blocks", (first, last) -> {
            blocks.add(first, last);
            if (blocks.size() > limits.blocksPerReport()) {
                throw new DistributionProblemException(DistributionProblem.badField(
                        "blocks", "holds more than " + limits.blocksPerReport() + " ranges"));
            }
        }));
        if (!given) {
            throw new DistributionProblemException(DistributionProblem.missing("blocks", ""));
        }
        return blocks.build();
    }

    static Patch patch(InputStream body, DistributionLimits limits) {
        List<ByteRange> removed = new ArrayList<>();
        List<ByteRange> added = new ArrayList<>();
        boolean given = read(
                body,
                DistributionLimits.PATCH_BYTES,
                () -> {},
                // A misspelt field would be a change that is not made, and told as made.
                false,
                Map.of(
                        "remove", (first, last) -> removed.add(ByteRange.between(first, last)),
                        "add", (first, last) -> added.add(ByteRange.between(first, last))));
        if (!given) {
            throw new DistributionProblemException(DistributionProblem.missing("add", "or 'remove' "));
        }
        if (removed.size() + added.size() > DistributionLimits.PATCH_RANGES) {
            throw new DistributionProblemException(DistributionProblem.badField(
                    "add", "and 'remove' hold more than " + DistributionLimits.PATCH_RANGES + " ranges together"));
        }
        return new Patch(removed, added);
    }

    /** Hands the ranges of each field on, first and last byte; answers whether any of the fields was there. */
    private static boolean read(
            InputStream body,
            int limit,
            Deadline deadline,
            boolean others,
            Map<String, BiConsumer<Long, Long>> fields) {
        boolean given = false;
        try (JsonParser json = Json.parser(new Counting(body, limit, deadline))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new DistributionProblemException(DistributionProblem.malformed("The body is not a JSON object."));
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                @Nullable BiConsumer<Long, Long> taker = fields.get(field);
                json.nextToken();
                if (taker == null) {
                    require(
                            others,
                            field.substring(0, Math.min(field.length(), 100)),
                            "is an unknown field; a patch has 'remove' and 'add'");
                    json.skipChildren();
                } else {
                    given = true;
                    ranges(json, field, taker);
                }
            }
            if (json.nextToken() != null) {
                throw new DistributionProblemException(
                        DistributionProblem.malformed("Something follows the JSON object."));
            }
        } catch (UnreadableBodyException e) {
            throw new DistributionProblemException(DistributionProblem.malformed(e.description()));
        } catch (IOException e) {
            throw new DistributionProblemException(
                    DistributionProblem.malformed(Json.unreadable(e).description()));
        }
        return given;
    }

    private static void ranges(JsonParser json, String field, BiConsumer<Long, Long> taker) throws IOException {
        require(json.currentToken() == JsonToken.START_ARRAY, field, "is not an array of [offset, size]");
        for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
            String element = field + "[" + i + "]";
            require(json.currentToken() == JsonToken.START_ARRAY, element, "is not [offset, size]");
            json.nextToken();
            long offset = number(json, element + "[0]", false);
            json.nextToken();
            long size = number(json, element + "[1]", true);
            require(json.nextToken() == JsonToken.END_ARRAY, element, "is not [offset, size]");
            // A size of 2^64 is 0 here, and then the last byte before offset 0 is 2^64-1.
            long last = offset + size - 1;
            require(Long.compareUnsigned(last, offset) >= 0 && (size != 0 || offset == 0), element, "ends beyond 2^64");
            taker.accept(offset, last);
        }
    }

    /** @param size of a range: from 1, and to 2^64, which is 0 */
    private static long number(JsonParser json, String field, boolean size) throws IOException {
        require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, field, "is not an integer");
        String text = json.getText();
        require(text.charAt(0) != '-', field, "is negative");
        require(!size || !text.equals("0"), field, "is 0, but a range has at least one byte");
        if (size && text.equals(TWO_TO_64)) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw new DistributionProblemException(
                    DistributionProblem.badField(field, "is beyond 2^64" + (size ? "" : "-1")));
        }
    }

    private static void require(boolean holds, String field, String otherwise) {
        if (!holds) {
            throw new DistributionProblemException(DistributionProblem.badField(field, otherwise));
        }
    }

    /** Refuses what is longer than it may be. */
    private static final class Counting extends FilterInputStream {
        private final int limit;
        private final Deadline deadline;
        private int count;

        Counting(InputStream in, int limit, Deadline deadline) {
            super(in);
            this.limit = limit;
            this.deadline = deadline;
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            count(Math.max(n, 0));
            return n;
        }

        private void count(int more) {
            deadline.check();
            count += more;
            if (count > limit) {
                throw new DistributionProblemException(DistributionProblem.ofStatus(413));
            }
        }
    }
}
