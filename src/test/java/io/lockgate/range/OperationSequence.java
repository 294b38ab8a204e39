package io.lockgate.range;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;
import net.jqwik.api.ShrinkingDistance;

/**
 * A list of steps that shrinks by leaving out any run of them, long runs first, and only then by making single steps
 * plainer. jqwik's own lists are cut at both ends only, which leaves every needless step in the middle standing.
 */
record OperationSequence(List<Shrinkable<Op>> steps) implements Shrinkable<List<Op>> {
    private static final int TRIES_HINT = 1_000;

    /** From here on down it is worth trying every pair of steps. */
    private static final int SHORT = 12;

    /** Walks of 1 to {@code longest} steps, every length equally likely. */
    static Arbitrary<List<Op>> of(Arbitrary<Op> op, int longest) {
        RandomGenerator<Op> steps = op.generator(TRIES_HINT);
        return Arbitraries.fromGenerator(random -> random(steps, longest, random));
    }

    private static OperationSequence random(RandomGenerator<Op> steps, int longest, Random random) {
        int length = 1 + random.nextInt(longest);
        return new OperationSequence(IntStream.range(0, length)
                .mapToObj(ignored -> steps.next(random))
                .toList());
    }

    @Override
    public List<Op> value() {
        return steps.stream().map(Shrinkable::value).toList();
    }

    @Override
    public Stream<Shrinkable<List<Op>>> shrink() {
        Stream<Shrinkable<List<Op>>> simple = Stream.concat(shorter(), plainer());
        return steps.size() > SHORT ? simple : Stream.concat(simple, shorterWithOneStepPlainer());
    }

    private Stream<Shrinkable<List<Op>>> shorter() {
        return Stream.iterate(steps.size() / 2, run -> run > 0, run -> run / 2)
                .flatMap(run -> IntStream.iterate(0, from -> from + run <= steps.size(), from -> from + run)
                        .mapToObj(from -> without(from, run)));
    }

    /** A step says how long ago its grant appeared: when a step between goes, that number must go down with it. */
    private Stream<Shrinkable<List<Op>>> shorterWithOneStepPlainer() {
        return IntStream.range(0, steps.size())
                .boxed()
                .flatMap(i -> without(i, 1).plainer());
    }

    private OperationSequence without(int from, int run) {
        List<Shrinkable<Op>> kept = new ArrayList<>(steps);
        kept.subList(from, from + run).clear();
        return new OperationSequence(List.copyOf(kept));
    }

    private Stream<Shrinkable<List<Op>>> plainer() {
        return IntStream.range(0, steps.size())
                .boxed()
                .flatMap(i -> steps.get(i).shrink().map(step -> {
                    List<Shrinkable<Op>> changed = new ArrayList<>(steps);
                    changed.set(i, step);
                    return new OperationSequence(List.copyOf(changed));
                }));
    }

    @Override
    public ShrinkingDistance distance() {
        return ShrinkingDistance.forCollection(steps);
    }
}
