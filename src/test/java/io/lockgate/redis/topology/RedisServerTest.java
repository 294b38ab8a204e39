package io.lockgate.redis.topology;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.testing.redis.BreakableRedis;
import io.lockgate.testing.redis.RedisClientOptions;
import io.lockgate.testing.redis.RespClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The connections to one server. */
@Timeout(60)
class RedisServerTest {
    /** Longer than the test may take. */
    private static final long PATIENCE_MILLIS = 120_000;

    private final BreakableRedis redis = BreakableRedis.start();
    private final Vertx vertx = Vertx.vertx();
    private final RedisServer server = new RedisServer(vertx, RedisClientOptions.of(redis.uri()));

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        redis.close();
    }

    private static CompletableFuture<@Nullable Response> on(Context loop, Supplier<Future<@Nullable Response>> call) {
        CompletableFuture<@Nullable Response> answer = new CompletableFuture<>();
        loop.runOnContext(ignored -> call.get().onComplete(done -> {
            if (done.succeeded()) {
                answer.complete(done.result());
            } else {
                answer.completeExceptionally(done.cause());
            }
        }));
        return answer;
    }

    private CompletableFuture<@Nullable Response> ask(Context loop, Request request) {
        return on(loop, () -> server.ask(request, PATIENCE_MILLIS));
    }

    @Test
    @DisplayName("A server that is closed has no connection left, and a call that waits for its answer fails at once")
    void closes() {
        Context loop = eventLoop();
        Context other = eventLoop();
        ask(other, Request.cmd(Command.PING)).join();
        CompletableFuture<@Nullable Response> waiting =
                ask(loop, Request.cmd(Command.BLPOP).arg("nothing").arg(0));
        try (RespClient probe = redis.probe()) {
            await().until(() -> clients(probe), number -> number == 3);
            server.close();
            assertThatThrownBy(waiting::join).isInstanceOf(CompletionException.class);
            await().until(() -> clients(probe), number -> number == 1);
        }
    }

    @Test
    @DisplayName("A closed server can be closed and asked again: each call fails, none is left without an answer")
    void askedWhenClosed() {
        Context loop = eventLoop();
        ask(loop, Request.cmd(Command.PING)).join();
        server.close();
        server.close();
        for (Context each : new Context[] {loop, eventLoop()}) {
            CompletableFuture<@Nullable Response> late =
                    on(each, () -> server.line().connection().map(connection -> null));
            assertThatThrownBy(late::join).isInstanceOf(CompletionException.class);
        }
    }

    /** Another one each time, as long as there are. */
    private Context eventLoop() {
        return ((VertxInternal) vertx).createEventLoopContext();
    }

    private static long clients(RespClient probe) {
        return probe.text("CLIENT", "LIST", "TYPE", "normal").lines().count();
    }
}
