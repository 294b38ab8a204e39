package io.lockgate.testing;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged above INFO in this process while it is open. */
public final class LoudLog implements AutoCloseable {
    private final Queue<String> loud = new ConcurrentLinkedQueue<>();
    private final Logger root = Logger.getLogger("");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() > Level.INFO.intValue()) {
                loud.add(entry.getLoggerName() + ": " + entry.getMessage() + " " + entry.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Fails when nothing would be heard. */
    public LoudLog() {
        root.addHandler(handler);
        Logger.getLogger("io.lockgate.LoudLog").warning("this one is heard");
        if (loud.size() != 1) {
            throw new IllegalStateException("heard " + loud);
        }
        loud.clear();
    }

    public List<String> lines() {
        return List.copyOf(loud);
    }

    @Override
    public void close() {
        root.removeHandler(handler);
    }
}
