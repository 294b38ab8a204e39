package io.lockgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time that processes have used, in user and kernel mode, by {@code /proc/PID/stat}. Its clock ticks a
 * hundred times a second.
 */
final class ProcessorUse {
    /** USER_HZ, which is the same on every architecture that Debian's JDK runs on. */
    private static final double TICKS_A_SECOND = 100;

    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    /** Fields of the first line of {@code /proc/stat}: user, nice, system, and what the host of a machine took from it. */
    private static final int[] BUSY = {1, 2, 3, 8};

    private final Map<Long, Double> seconds;
    private final double everybody;

    private ProcessorUse(Map<Long, Double> seconds, double everybody) {
        this.seconds = seconds;
        this.everybody = everybody;
    }

    /** What they have used until now. */
    static ProcessorUse of(List<ProcessHandle> processes) {
        Map<Long, Double> seconds = new HashMap<>();
        for (ProcessHandle process : processes) {
            try {
                String stat = Files.readString(proc(process, "stat"));
                // The name of the program, in brackets, may hold anything.
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                double ticks = Double.parseDouble(fields[USER_TIME]) + Double.parseDouble(fields[SYSTEM_TIME]);
                seconds.put(process.pid(), ticks / TICKS_A_SECOND);
            } catch (NoSuchFileException ended) {
                // A connection of Postgres that was given up.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new ProcessorUse(seconds, ofEverybody());
    }

    private static double ofEverybody() {
        try {
            String[] fields =
                    Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
            double ticks = 0;
            for (int field : BUSY) {
                ticks += Double.parseDouble(fields[field]);
            }
            return ticks / TICKS_A_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What was used since an earlier look, by processes that were there at both. */
    ProcessorUse since(ProcessorUse earlier) {
        Map<Long, Double> used = new HashMap<>();
        seconds.forEach((pid, until) -> {
            if (earlier.seconds.containsKey(pid)) {
                used.put(pid, until - earlier.seconds.getOrDefault(pid, 0.0));
            }
        });
        return new ProcessorUse(used, everybody - earlier.everybody);
    }

    /** What everything else on the machine has used. */
    double secondsOfOthers() {
        return Math.max(
                0,
                everybody
                        - seconds.values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum());
    }

    /** Of these together. */
    double seconds(List<ProcessHandle> processes) {
        return processes.stream()
                .mapToDouble(process -> seconds.getOrDefault(process.pid(), 0.0))
                .sum();
    }

    /** Memory that a process holds now: its resident set. */
    static double residentMib(ProcessHandle process) {
        try {
            return Files.readAllLines(proc(process, "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1_024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path proc(ProcessHandle process, String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }
}
