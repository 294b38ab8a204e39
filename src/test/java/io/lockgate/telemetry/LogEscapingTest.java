package io.lockgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Servers;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Arrays;
import java.util.logging.Filter;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class LogEscapingTest {
    private static final String FORGED =
            "x\n2026-11-28T23:00:00.000Z ERROR [io.loc.Main] (main) forged \u001B[2J\u202E";

    private static String shown(ExtLogRecord line) {
        assertThat(new LogEscaping().isLoggable(line)).isTrue();
        return new PatternFormatter("%-5p [%c] %s%e%n").format(line);
    }

    private static ExtLogRecord line(String message, ExtLogRecord.FormatStyle style, Object... parameters) {
        ExtLogRecord line = new ExtLogRecord(Level.ERROR, message, style, "");
        line.setLoggerName("a.b");
        line.setParameters(parameters);
        return line;
    }

    @Test
    @DisplayName("A message stays on its line, whatever assembled it")
    void messages() {
        for (ExtLogRecord line : new ExtLogRecord[] {
            line("bad %s", ExtLogRecord.FormatStyle.PRINTF, FORGED),
            line("bad {0}", ExtLogRecord.FormatStyle.MESSAGE_FORMAT, FORGED),
            line("bad " + FORGED, ExtLogRecord.FormatStyle.NO_FORMAT),
            line("bad %d{0} " + FORGED, ExtLogRecord.FormatStyle.NO_FORMAT)
        }) {
            String shown = shown(line);
            assertThat(shown)
                    .startsWith("ERROR [a.b] bad ")
                    .contains("x\\n2026")
                    .hasLineCount(1);
            assertThat(shown.strip()).doesNotContain("\n", "\u001B", "\u202E");
            assertThat(shown(line)).as("by a second handler").isEqualTo(shown);
        }
    }

    @Test
    @DisplayName("An exception keeps its stack lines, but its messages stay on theirs")
    void exceptions() {
        IllegalStateException thrown = new IllegalStateException(FORGED, new RuntimeException("\r\ncause\u2028x"));
        thrown.addSuppressed(new IllegalArgumentException("sup\npressed"));
        ExtLogRecord line = line("failed", ExtLogRecord.FormatStyle.NO_FORMAT);
        line.setThrown(thrown);
        String shown = shown(line);
        assertThat(shown)
                .contains("java.lang.IllegalStateException: x\\n2026")
                .contains("Caused by: java.lang.RuntimeException: \\r\\ncause\\u2028x")
                .contains("java.lang.IllegalArgumentException: sup\\npressed")
                .contains("\tat io.lockgate.telemetry.LogEscapingTest.exceptions(LogEscapingTest.java:");
        assertThat(shown.lines().skip(1).filter(one -> !one.isEmpty()))
                .allMatch(one -> one.startsWith("\t") || one.startsWith("Caused by: "));
        assertThat(shown(line)).isEqualTo(shown);
    }

    @Test
    @DisplayName("The length of a line and the depth of causes are limited")
    void bounds() {
        Throwable chain = new IllegalStateException("m".repeat(30_000));
        for (int i = 0; i < 100; i++) {
            chain = new IllegalStateException("m".repeat(30_000), chain);
        }
        Throwable self = new RuntimeException("self");
        self.addSuppressed(new RuntimeException(self));
        Throwable many = new RuntimeException("many");
        for (int i = 0; i < LogEscaping.MAX_CAUSES; i++) {
            many.addSuppressed(new RuntimeException(many));
        }
        for (Throwable thrown : new Throwable[] {chain, self, many}) {
            ExtLogRecord line = line("x".repeat(100_000), ExtLogRecord.FormatStyle.NO_FORMAT);
            line.setThrown(thrown);
            String shown = shown(line);
            assertThat(shown.lines().mapToInt(String::length).max().orElseThrow())
                    .isLessThan(LogEscaping.MAX_MESSAGE + LogEscaping.MAX_EXCEPTION + 100);
            assertThat(shown.split("Caused by")).hasSizeLessThanOrEqualTo(LogEscaping.MAX_EXCEPTIONS);
        }
    }

    @Test
    @DisplayName("Quarkus' console handler has the filter")
    void isInstalled() {
        Filter filter = Arrays.stream(InitialConfigurator.DELAYED_HANDLER.getHandlers())
                .filter(ConsoleHandler.class::isInstance)
                .findFirst()
                .orElseThrow()
                .getFilter();
        ExtLogRecord line = line("bad " + FORGED, ExtLogRecord.FormatStyle.NO_FORMAT);
        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(line.getMessage()).startsWith("bad x\\n2026").doesNotContain("\n");
    }
}
