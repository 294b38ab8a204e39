package io.lockgate.route;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

class InMemoryRouteLockTableTest extends RouteLockTableContract {
    private final Set<Long> users = ConcurrentHashMap.newKeySet();
    private final InMemoryRouteLockTable table = new InMemoryRouteLockTable(users);

    @Override
    protected RouteLockTable table() {
        return table;
    }

    @Override
    protected long waiting(RouteLockId what) {
        return table.waiting(what);
    }

    @Override
    protected long newUser() {
        long user = users.size() + 1L;
        users.add(user);
        return user;
    }
}
