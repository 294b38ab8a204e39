package io.lockgate.telemetry;

import io.lockgate.http.LogText;
import io.quarkus.logging.LoggingFilter;
import java.util.Arrays;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;

/**
 * What every line of the log goes through ({@code quarkus.log.*.filter}), our own and the libraries': a message stays
 * on its line and is cut, and so are the messages of its exceptions. So no text from outside (paths, methods, names of
 * files, owners and users, reasons, claims, what Redis or Postgres said) can write a line of its own, or move the
 * cursor of whoever reads it.
 *
 * <p>It changes the record, before the handler's format is applied; a second handler finds it changed, which changes
 * nothing more.
 */
@LoggingFilter(name = "escaping")
public final class LogEscaping implements Filter {
    /** The longest message, in characters. */
    static final int MAX_MESSAGE = 4_096;

    /** The longest text of one exception. */
    static final int MAX_EXCEPTION = 1_024;

    /** Causes of causes, and suppressed ones of one exception. */
    static final int MAX_CAUSES = 16;

    /** Exceptions shown with one line: one that suppresses its own cause would have them without end. */
    static final int MAX_EXCEPTIONS = 64;

    /** Lines of the stack of one exception. */
    static final int MAX_FRAMES = 256;

    @Override
    // Its successor needs a formatter, and there is none yet.
    @SuppressWarnings("deprecation")
    public boolean isLoggable(LogRecord line) {
        if (line instanceof ExtLogRecord extended) {
            String message = extended.getFormattedMessage();
            String safe = message == null ? "" : LogText.escaped(message, MAX_MESSAGE);
            extended.setResourceBundle(null);
            extended.setMessage(safe, ExtLogRecord.FormatStyle.NO_FORMAT);
            extended.setParameters(null);
        } else if (line.getMessage() != null) {
            line.setMessage(LogText.escaped(line.getMessage(), MAX_MESSAGE));
        }
        Throwable thrown = line.getThrown();
        if (thrown != null && !(thrown instanceof Shown)) {
            line.setThrown(new Shown(thrown, 0, new int[] {MAX_EXCEPTIONS - 1}));
        }
        return true;
    }

    /** An exception as it may be shown: its stack as it was, its text escaped. */
    private static final class Shown extends Throwable {
        private static final long serialVersionUID = 1L;

        private final String text;

        /** @param left how many more may be shown; counted down */
        Shown(Throwable thrown, int depth, int[] left) {
            super(null, cause(thrown, depth, left), true, true);
            this.text = LogText.escaped(String.valueOf(thrown), MAX_EXCEPTION);
            StackTraceElement[] stack = thrown.getStackTrace();
            setStackTrace(stack.length > MAX_FRAMES ? Arrays.copyOf(stack, MAX_FRAMES) : stack);
            if (depth < MAX_CAUSES) {
                Arrays.stream(thrown.getSuppressed())
                        .limit(MAX_CAUSES)
                        .takeWhile(suppressed -> left[0]-- > 0)
                        .forEach(suppressed -> addSuppressed(new Shown(suppressed, depth + 1, left)));
            }
        }

        private static @Nullable Throwable cause(Throwable thrown, int depth, int[] left) {
            Throwable cause = thrown.getCause();
            return cause == null || depth >= MAX_CAUSES || left[0]-- <= 0 ? null : new Shown(cause, depth + 1, left);
        }

        /** Names the class of what was thrown, not this one. */
        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return text;
        }
    }
}
