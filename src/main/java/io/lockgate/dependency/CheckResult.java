package io.lockgate.dependency;

import java.util.List;
import java.util.stream.Stream;

/**
 * The outcome of one check of a dependency.
 *
 * @param faults one line each, without secrets as far as the dependency's own messages hold none; empty when it is fit
 *     for use
 * @param mayPass whether waiting may end them all: true when it does not answer yet, false when it refuses the password
 */
public record CheckResult(List<String> faults, boolean mayPass) {
    /** Copies, and makes one line of each fault. */
    public CheckResult {
        faults = faults.stream()
                .map(fault -> fault.replaceAll("\\s+", " ").strip())
                .distinct()
                .toList();
        mayPass |= faults.isEmpty();
    }

    /** Nothing is wrong. */
    public static CheckResult fit() {
        return new CheckResult(List.of(), true);
    }

    /** It cannot be used now; a later look may find otherwise. */
    public static CheckResult notYet(String fault) {
        return new CheckResult(List.of(fault), true);
    }

    /** It will not be fit until somebody changes something. */
    public static CheckResult unfit(String... faults) {
        return new CheckResult(List.of(faults), false);
    }

    /** Whether nothing is wrong. */
    public boolean isFit() {
        return faults.isEmpty();
    }

    /** Both looks in one: what either found, and lasting when either is. */
    public CheckResult and(CheckResult other) {
        return new CheckResult(
                Stream.concat(faults.stream(), other.faults.stream()).toList(), mayPass && other.mayPass);
    }
}
