package io.lockgate.distribution;

import io.lockgate.range.ByteRange;
import java.util.List;
import java.util.Optional;

/**
 * Some blocks of a report, ascending. A page may hold none and still not be the last.
 *
 * @param next where the next page begins; empty at the end
 */
public record BlockPage(List<ByteRange> blocks, Optional<String> next) {
    public BlockPage {
        blocks = List.copyOf(blocks);
    }
}
