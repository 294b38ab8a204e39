package io.lockgate.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.ByteRange;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Sets of bytes agree with {@link BytesModel}. */
class BlockSetTest {
    @Property
    @Label("Adding ranges to a set gives the same bytes as the model")
    void with(@ForAll("ranges") List<ByteRange> some, @ForAll("ranges") List<ByteRange> more) {
        BytesModel model = new BytesModel();
        some.forEach(model::add);
        assertThat(BlockSet.of(some).ranges()).isEqualTo(model.ranges());
        more.forEach(model::add);
        assertThat(BlockSet.of(some).with(BlockSet.of(more)).ranges()).isEqualTo(model.ranges());
        List<ByteRange> all = new ArrayList<>(some);
        all.addAll(more);
        assertThat(BlockSet.of(all)).isEqualTo(BlockSet.of(some).with(BlockSet.of(more)));
    }

    @Property
    @Label("Removing ranges from a set gives the same bytes as the model")
    void without(@ForAll("ranges") List<ByteRange> some, @ForAll("ranges") List<ByteRange> less) {
        BytesModel model = new BytesModel();
        some.forEach(model::add);
        less.forEach(model::remove);
        assertThat(BlockSet.of(some).without(BlockSet.of(less)).ranges()).isEqualTo(model.ranges());
    }

    @Provide
    Arbitrary<List<ByteRange>> ranges() {
        return range().list().ofMaxSize(12);
    }

    /** Around the places where numbers end: 0, 2^53, 2^63, 2^64-1. */
    static Arbitrary<ByteRange> range() {
        Arbitrary<Long> offset = Combinators.combine(
                        Arbitraries.of(0L, 1L << 53, Long.MIN_VALUE, -1L),
                        Arbitraries.longs().between(-20, 20))
                .as(Long::sum);
        return Combinators.combine(offset, offset)
                .as((a, b) -> Long.compareUnsigned(a, b) <= 0 ? ByteRange.between(a, b) : ByteRange.between(b, a));
    }
}
