package io.lockgate.identity;

class InMemoryUserStoreTest extends UserStoreContract {
    private final InMemoryUserStore store = new InMemoryUserStore();

    @Override
    protected UserStore store() {
        return store;
    }
}
