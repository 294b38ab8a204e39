package io.lockgate.dependency;

import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Failures of drivers in words for operators. */
public final class ErrorMessages {
    private static final Pattern UNKNOWN_HOST = Pattern.compile("(\\S+?)(: .*)?");

    private ErrorMessages() {}

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
        if (cause instanceof UnknownHostException) {
            // Java adds the reason to the name when it asks, and not when it remembers; Netty has a sentence of its
            // own.
            Matcher host = UNKNOWN_HOST.matcher(message);
            return host.matches() ? "unknown host " + host.group(1) : message.replaceAll("\\.$", "");
        }
        return message.replaceAll("\\.$", "");
    }
}
