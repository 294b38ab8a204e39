package io.lockgate.neighbour;

import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** Failures of drivers in words for operators. */
public final class Words {
    private Words() {}

    /** What {@code failure} and its causes say, each once, without the names of classes where there is a message. */
    public static String of(Throwable failure) {
        Set<String> said = new LinkedHashSet<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String words = words(cause);
            // Many a wrapper has nothing to say but what its cause says.
            if (said.stream().noneMatch(earlier -> earlier.contains(words))
                    && !(cause.getCause() != null
                            && words.equals(cause.getCause().toString()))) {
                said.add(words);
            }
        }
        return String.join(": ", said);
    }

    private static String words(Throwable cause) {
        if (cause instanceof TimeoutException) {
            return "no answer in time";
        }
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            return cause.getClass().getSimpleName();
        }
        return cause instanceof UnknownHostException && !message.contains(" ")
                ? "unknown host " + message
                : message.replaceAll("\\.$", "");
    }
}
