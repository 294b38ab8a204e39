package io.lockgate.distribution;

/** The outcome of a change of a report. Any outcome that is not {@link Done} changed nothing. */
public sealed interface ReportChange {
    /**
     * It has happened.
     *
     * @param revision of the report as it stands now; of a withdrawn one the last it had
     * @param created there was none before
     */
    record Done(String revision, boolean created) implements ReportChange {}

    /** The condition does not hold. */
    record Mismatch() implements ReportChange {}

    /** There is no such report to withdraw. */
    record NoSuchReport() implements ReportChange {}

    /** The report would have more than {@code limit} blocks. */
    record TooManyBlocks(int limit) implements ReportChange {}

    /** The file has {@code limit} reports, and takes no other. */
    record TooManyReports(int limit) implements ReportChange {}
}
