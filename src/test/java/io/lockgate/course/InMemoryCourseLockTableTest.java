package io.lockgate.course;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

class InMemoryCourseLockTableTest extends CourseLockTableContract {
    private final Set<Long> users = ConcurrentHashMap.newKeySet();
    private final InMemoryCourseLockTable table = new InMemoryCourseLockTable(users);

    @Override
    protected CourseLockTable table() {
        return table;
    }

    @Override
    protected long waiting(Gadget gadget) {
        return table.waiting(gadget);
    }

    @Override
    protected long newUser() {
        long user = users.size() + 1L;
        users.add(user);
        return user;
    }
}
