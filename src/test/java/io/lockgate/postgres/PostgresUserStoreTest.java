package io.lockgate.postgres;

import io.lockgate.identity.UserStore;
import io.lockgate.identity.UserStoreContract;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;

@QuarkusTest
@QuarkusTestResource(Servers.class)
class PostgresUserStoreTest extends UserStoreContract {
    @Inject
    Vertx vertx;

    @Inject
    PostgresLimits limits;

    @Override
    protected UserStore store() {
        return new PostgresUserStore(vertx, limits);
    }
}
