package io.lockgate.range;

class InMemoryOnceTest extends OnceContract {
    private static final long MANY = 4_096;

    @Override
    protected RangeLockTable table() {
        return new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY);
    }

    @Override
    protected RangeLockTable tableWithKeys(int keys) {
        return new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY).withKeys(keys);
    }
}
