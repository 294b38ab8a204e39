package io.lockgate.range;

import java.time.Duration;
import java.util.Optional;

class InMemoryRangeLockTableTest extends RangeLockTableContract {
    private static final long MANY = 4_096;

    private final RangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY);

    @Override
    protected RangeLockTable table() {
        return table;
    }

    @Override
    protected Optional<RangeLockTable> tableWithGrantLimit(int grants) {
        return Optional.of(new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY, grants));
    }

    @Override
    protected Optional<RangeLockTable> tableWithLimit(int ranges) {
        return Optional.of(new InMemoryRangeLockTable(System::currentTimeMillis, false, ranges));
    }

    @Override
    protected Optional<RangeLockTable> enforcedTable() {
        return Optional.of(new InMemoryRangeLockTable(System::currentTimeMillis, true, MANY));
    }

    @Override
    protected Duration shortLease() {
        return Duration.ofMillis(300);
    }
}
