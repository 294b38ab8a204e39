package io.lockgate.range.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How far a stream of events is: in one bucket, or in all, one behind the other.
 *
 * @param last the last event of each bucket that has been told, or that was there when the stream began; at least one, and
 *     the buckets are numbered without a gap
 */
public record EventPosition(List<EventId> last) {
    /** More buckets than this have no position: its text would be longer than 1 KB. */
    public static final int MAX_BUCKETS = 64;

    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    private static final int BITS = 6;
    private static final String NUMBER = "[0-9A-Za-z_-]{1,10}";
    private static final String PLACE = NUMBER + "(?:\\." + NUMBER + ")?";
    private static final Pattern TEXT =
            Pattern.compile("[0-9]{1,5}:" + PLACE + "(?:," + PLACE + "){0," + (MAX_BUCKETS - 1) + '}');

    public EventPosition {
        last = List.copyOf(last);
    }

    public static EventPosition of(EventId event) {
        return new EventPosition(List.of(event));
    }

    /** The same, but for the bucket of {@code event}. */
    public EventPosition with(EventId event) {
        List<EventId> changed = new ArrayList<>(last);
        changed.set(event.bucket() - last.getFirst().bucket(), event);
        return new EventPosition(changed);
    }

    /** Whether both are of the same buckets. */
    public boolean isOfSameBuckets(EventPosition other) {
        return last.size() == other.last.size()
                && last.getFirst().bucket() == other.last.getFirst().bucket();
    }

    /** Reads what {@link #toString} has written; empty for anything else. */
    public static Optional<EventPosition> parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            return Optional.empty();
        }
        int colon = text.indexOf(':');
        int bucket = Integer.parseInt(text, 0, colon, 10);
        long millis = 0;
        List<EventId> last = new ArrayList<>();
        for (String place : text.substring(colon + 1).split(",", -1)) {
            int dot = place.indexOf('.');
            long step = number(dot < 0 ? place : place.substring(0, dot));
            millis += (step >>> 1) ^ -(step & 1);
            last.add(new EventId(bucket++, millis, dot < 0 ? 0 : number(place.substring(dot + 1))));
            if (millis < 0) {
                return Optional.empty();
            }
        }
        return Optional.of(new EventPosition(last));
    }

    /**
     * The first bucket and, for each, how many milliseconds its event is behind that of the bucket before: quiet buckets
     * lie near to one another. At most 1 KB.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder().append(last.getFirst().bucket());
        long before = 0;
        char separator = ':';
        for (EventId event : last) {
            long step = event.millis() - before;
            text.append(separator);
            append(text, (step << 1) ^ (step >> 63));
            if (event.sequence() > 0) {
                append(text.append('.'), event.sequence());
            }
            before = event.millis();
            separator = ',';
        }
        return text.toString();
    }

    private static void append(StringBuilder text, long number) {
        int digits = Math.max(1, (63 - Long.numberOfLeadingZeros(number)) / BITS + 1);
        for (int i = digits - 1; i >= 0; i--) {
            text.append(DIGITS.charAt((int) (number >>> (BITS * i)) & 63));
        }
    }

    private static long number(String digits) {
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            number = number << BITS | DIGITS.indexOf(digits.charAt(i));
        }
        return number;
    }
}
