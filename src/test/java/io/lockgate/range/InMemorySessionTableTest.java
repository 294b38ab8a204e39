package io.lockgate.range;

/** The model does what every table must do. */
class InMemorySessionTableTest extends SessionTableContract {
    private final InMemoryRangeLockTable table = model();

    private static InMemoryRangeLockTable model() {
        return new InMemoryRangeLockTable(System::currentTimeMillis, false, 4_096);
    }

    @Override
    protected RangeLockTable locks() {
        return table;
    }

    @Override
    protected SessionTable sessions() {
        return table.sessions();
    }

    @Override
    protected SessionTable sessionsWithLimit(int sessions) {
        return model().withSessions(sessions).sessions();
    }
}
