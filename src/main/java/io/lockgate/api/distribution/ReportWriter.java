package io.lockgate.api.distribution;

import io.lockgate.distribution.BlockPage;
import io.lockgate.distribution.Distributions;
import io.lockgate.distribution.MapUnavailableException;
import io.lockgate.distribution.ReadTooSlowException;
import io.lockgate.distribution.Report;
import io.lockgate.http.Json;
import io.lockgate.identity.Caller;
import io.lockgate.range.ByteRange;
import io.lockgate.range.TooManyRequestsException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Writes reports page by page, so that neither their number nor their length decides how much memory an answer takes:
 * the next page is read when the client has taken the last.
 */
final class ReportWriter {
    private static final Logger LOG = Logger.getLogger(ReportWriter.class);

    /** Told by its identity: a page may be empty and not the last. */
    private static final byte[] END = {};

    private static final String TWO_TO_64 = "18446744073709551616";

    private ReportWriter() {}

    /** One report, as an object. */
    static Multi<byte[]> one(Distributions distributions, Caller caller, String file, Report report) {
        return stream(distributions, caller, file, List.of(report), "", "");
    }

    /** An array of reports. */
    static Multi<byte[]> all(Distributions distributions, Caller caller, String file, List<Report> reports) {
        return stream(distributions, caller, file, reports, "[", "]");
    }

    /** No body at all. */
    static Multi<byte[]> none() {
        return Multi.createFrom().empty();
    }

    @SuppressWarnings("ReferenceEquality") // The end is told by its identity.
    private static Multi<byte[]> stream(
            Distributions distributions, Caller caller, String file, List<Report> reports, String begin, String end) {
        return Multi.createBy()
                .repeating()
                .uni(() -> new Walk(distributions, caller, file, reports, begin, end), Walk::next)
                .until(chunk -> chunk == END)
                // The framework's own line for this is switched off: it takes a client that has gone away for an error.
                .onFailure(failure -> !(failure instanceof MapUnavailableException
                        || failure instanceof ReadTooSlowException
                        || failure instanceof TooManyRequestsException))
                .invoke(failure -> LOG.error("an answer of reports ended in the middle", failure));
    }

    private static final class Walk {
        private final Distributions distributions;
        private final Caller caller;
        private final String file;
        private final List<Report> reports;
        private final String end;
        private final StringBuilder text = new StringBuilder();
        private int report;
        private boolean inReport;
        private boolean anyBlock;
        private boolean ended;
        private Optional<String> after = Optional.empty();
        private long total;

        Walk(Distributions distributions, Caller caller, String file, List<Report> reports, String begin, String end) {
            this.distributions = distributions;
            this.caller = caller;
            this.file = file;
            this.reports = reports;
            this.end = end;
            text.append(begin);
        }

        /** Some more bytes, or the end. */
        Uni<byte[]> next() {
            if (ended) {
                return Uni.createFrom().item(END);
            }
            if (report == reports.size()) {
                ended = true;
                text.append(end);
                return Uni.createFrom().item(take());
            }
            if (!inReport) {
                begin(reports.get(report));
            }
            return distributions.page(caller, file, reports.get(report), after).chain(page -> {
                byte[] bytes = write(page);
                return bytes.length == 0 ? next() : Uni.createFrom().item(bytes);
            });
        }

        private void begin(Report next) {
            inReport = true;
            anyBlock = false;
            total = 0;
            after = Optional.empty();
            text.append(report == 0 ? "" : ",")
                    .append("{\"providerId\":")
                    .append(new String(Json.write(next.provider()), StandardCharsets.UTF_8))
                    .append(",\"blocks\":[");
        }

        private byte[] write(BlockPage page) {
            for (ByteRange block : page.blocks()) {
                long size = block.last() - block.first() + 1;
                total += size;
                text.append(anyBlock ? ",[" : "[")
                        .append(Long.toUnsignedString(block.first()))
                        .append(',')
                        .append(size(size))
                        .append(']');
                anyBlock = true;
            }
            after = page.next();
            if (after.isEmpty()) {
                text.append("],\"totalBlocksSize\":")
                        .append(anyBlock ? size(total) : "0")
                        .append('}');
                report++;
                inReport = false;
                if (report == reports.size()) {
                    ended = true;
                    text.append(end);
                }
            }
            return take();
        }

        /** Sizes and their sum go up to 2^64, which is 0 here. */
        private static String size(long size) {
            return size == 0 ? TWO_TO_64 : Long.toUnsignedString(size);
        }

        private byte[] take() {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            text.setLength(0);
            return bytes;
        }
    }
}
