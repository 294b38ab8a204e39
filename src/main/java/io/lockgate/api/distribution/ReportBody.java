package io.lockgate.api.distribution;

import java.math.BigInteger;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What one provider holds, for the document alone: it is written by {@link ReportWriter} and read by {@link ReportParser}. */
@Schema(name = "Distribution", description = "What one provider holds of a file.")
final class ReportBody {
    @Schema(description = "Id of the provider.", examples = "57ecb305-a097-4243-bd03-a995e78ab206")
    String providerId = "";

    @Schema(
            description =
                    "[offset, size] of each block, ascending and merged. Integers up to 2^64-1; a size goes up to 2^64.",
            examples = "[[0,4],[10,20]]")
    List<List<BigInteger>> blocks = List.of();

    @Schema(description = "Sum of the sizes.", examples = "24")
    BigInteger totalBlocksSize = BigInteger.ZERO;

    /** The body of a report. */
    @Schema(name = "DistributionReport", description = "All that a provider holds of a file.")
    static final class Put {
        @Schema(
                required = true,
                description = "[offset, size] of each block, in any order.",
                examples = "[[0,4],[10,20]]")
        List<List<BigInteger>> blocks = List.of();
    }

    /** The body of a patch. */
    @Schema(name = "DistributionPatch", description = "Ranges that went, then ranges that came; at most 100 together.")
    static final class Patch {
        @Schema(
                description = "[offset, size] of each range that the provider holds from now on.",
                examples = "[[40,2]]")
        List<List<BigInteger>> add = List.of();

        @Schema(description = "[offset, size] of each range that it holds no more.", examples = "[[0,4]]")
        List<List<BigInteger>> remove = List.of();
    }
}
