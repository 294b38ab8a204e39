package io.lockgate.redis;

import static io.lockgate.testing.LockClient.X;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lockgate.range.CountBy;
import io.lockgate.range.Cursor;
import io.lockgate.range.FencingToken;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.GrantId;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockTableUnavailableException;
import io.lockgate.range.Protocol;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.TooManyRequestsException;
import io.lockgate.redis.RedisTables.Settings;
import io.lockgate.redis.ScriptRunner.Reply;
import io.lockgate.redis.topology.CallCost;
import io.lockgate.testing.LockClient;
import io.lockgate.testing.redis.FakeRedis;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls of several users before a Redis that answers when it is told to. */
@Timeout(60)
class SharesTest {
    private static final LockSpace SPACE = LockSpace.head(7);
    private static final LockClient A = LockClient.nlm(SPACE, "A");
    private static final GrantId GRANT = new GrantId(0, 1);
    private static final Duration LONG = Duration.ofMillis(1_500);

    private final LuaScript script = LuaScript.load("locks/find");
    private FakeRedis fake;

    @BeforeEach
    void start() {
        fake = new FakeRedis("*2\r\n$2\r\nok\r\n$1\r\n1");
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    /** A runner that is connected. */
    private ScriptRunner runner(Settings settings) {
        ScriptRunner runner = RedisTables.runner(fake.uri(), settings);
        await().ignoreExceptions()
                .until(() -> LockClient.get(call(runner, CallCost.asked("p", 1)))
                        .status()
                        .equals("ok"));
        return runner;
    }

    private Uni<Reply> call(ScriptRunner runner, CallCost share) {
        return runner.run(
                script,
                runner.newRequestId(),
                Collections.nCopies(script.keys().least(), "k"),
                List.of("0"),
                true,
                share);
    }

    private static <T> CompletableFuture<T> started(Uni<T> call) {
        return call.subscribeAsCompletionStage();
    }

    @Test
    @DisplayName("Renewals and releases have places of their own and are sent although the window is full")
    void keptGoesOn() {
        ScriptRunner runner = runner(Settings.DEFAULT.withWindow(1).withTimeouts(LONG, Duration.ofMillis(1_900)));
        fake.hold();
        int before = fake.scripts();
        List<CompletableFuture<Reply>> calls = new ArrayList<>();
        calls.add(started(call(runner, CallCost.asked("p", 1))));
        calls.add(started(call(runner, CallCost.asked("p", 1))));
        calls.add(started(call(runner, CallCost.asked("q", 1))));
        calls.add(started(call(runner, CallCost.kept("p", 1))));
        await().until(() -> fake.scripts() == before + 2);
        fake.release();
        assertThat(calls).allSatisfy(call -> assertThat(call.join().status()).isEqualTo("ok"));
        assertThat(fake.scripts()).isEqualTo(before + 4);
    }

    @Test
    @DisplayName("A new user's call goes before the queue of another user")
    void newcomer() {
        ScriptRunner runner = runner(Settings.DEFAULT.withWindow(1).withTimeouts(LONG, Duration.ofMillis(1_900)));
        fake.hold();
        int before = fake.scripts();
        List<CompletableFuture<Reply>> flood = IntStream.range(0, 10)
                .mapToObj(i -> started(call(runner, CallCost.asked("p", 100))))
                .toList();
        CompletableFuture<Reply> other = started(call(runner, CallCost.asked("q", 1)));
        for (int i = 1; i <= 3; i++) {
            int sent = before + i;
            await().until(() -> fake.scripts() == sent);
            fake.releaseOne();
        }
        assertThat(other.join().status()).isEqualTo("ok");
        assertThat(flood).anyMatch(call -> !call.isDone());
        fake.release();
        assertThat(flood).allSatisfy(call -> assertThat(call.join().status()).isEqualTo("ok"));
    }

    @Test
    @DisplayName("A renewal does not wait behind the releases of the same user, nor is it refused for their number")
    void renewalBeforeReleases() {
        ScriptRunner runner =
                runner(Settings.DEFAULT.withWindow(1).withInFlight(16).withTimeouts(LONG, Duration.ofMillis(1_900)));
        fake.hold();
        int before = fake.scripts();
        List<CompletableFuture<Reply>> releases = IntStream.range(0, 16)
                .mapToObj(i -> started(call(runner, CallCost.kept("p", 1))))
                .toList();
        CompletableFuture<Reply> renewal = started(call(runner, CallCost.renewed("p")));
        for (int i = 1; i <= 3; i++) {
            int sent = before + i;
            await().until(() -> fake.scripts() == sent);
            fake.releaseOne();
        }
        assertThat(renewal.join().status()).isEqualTo("ok");
        assertThat(releases).anyMatch(call -> !call.isDone());
        fake.release();
    }

    @Test
    @DisplayName(
            "Waiting counts against a call's time, and a call that never had its turn has certainly changed nothing")
    void waitingIsCounted() {
        ScriptRunner runner =
                runner(Settings.DEFAULT.withWindow(1).withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1)));
        fake.hold();
        int before = fake.scripts();
        CompletableFuture<Reply> first = started(call(runner, CallCost.asked("p", 1)));
        CompletableFuture<Reply> second = started(call(runner, CallCost.asked("p", 1)));
        assertThat(failure(first).outcomeKnown()).isFalse();
        assertThat(failure(second).outcomeKnown()).isTrue();
        assertThat(fake.scripts()).isEqualTo(before + 1);
    }

    private static LockTableUnavailableException failure(CompletableFuture<?> call) {
        try {
            throw new AssertionError("answered " + call.join());
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(LockTableUnavailableException.class);
            return (LockTableUnavailableException) Objects.requireNonNull(e.getCause());
        }
    }

    @Test
    @DisplayName("Over its limit of requests a user is refused at once; its renewals and releases, and others, are not")
    void bound() {
        Settings settings = Settings.DEFAULT
                .withRequests(3)
                .withTimeouts(LONG, Duration.ofMillis(1_900))
                .withWindow(2);
        ScriptRunner runner = runner(settings);
        RangeLockTable table = new RedisRangeLockTable(runner, settings).onBehalfOf("p");
        fake.hold();
        int before = fake.scripts();
        // Under way and waiting together.
        List<CompletableFuture<Reply>> calls = new ArrayList<>(IntStream.range(0, 3)
                .mapToObj(i -> started(call(runner, CallCost.asked("p", 1))))
                .toList());
        GrantFilter filter = GrantFilter.ofFile(Protocol.NLM, 7, "");
        List<Uni<?>> refused = List.of(
                A.acquire(table, X, 0, 1),
                A.test(table, X, 0, 1),
                table.batch(A.space(), List.of(A.unlock(0, 1)), List.of(A.lock(X, 0, 1))),
                table.list(filter, Cursor.START, 10),
                table.count(filter, CountBy.FILE));
        refused.forEach(call -> assertThatThrownBy(() -> LockClient.get(call))
                .isInstanceOfSatisfying(
                        TooManyRequestsException.class,
                        e -> assertThat(e.limit()).isEqualTo(3)));
        assertThat(fake.scripts()).isLessThanOrEqualTo(before + 2);
        List<Uni<?>> served = List.of(
                table.renew(GRANT, Protocol.NLM, "p", Duration.ofSeconds(5)),
                A.release(table, 0, 1),
                table.batch(A.space(), List.of(A.unlock(0, 1)), List.of()),
                table.releaseGrant(GRANT, Optional.of("p")),
                table.releaseAll(filter),
                table.find(GRANT),
                table.check(SPACE, A.range(0, 1), new FencingToken(1)),
                table.continuing().list(filter, Cursor.START, 10));
        // The answers of this Redis mean nothing to a table: what comes of them is a failure, but no refusal.
        List<CompletableFuture<@Nullable Throwable>> ends = new ArrayList<>();
        served.forEach(call -> {
            CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
            call.subscribe().with(answer -> end.complete(null), end::complete);
            ends.add(end);
        });
        calls.add(started(call(runner, CallCost.asked("q", 1))));
        calls.add(started(call(runner, CallCost.asked(CallCost.SYSTEM, 1))));
        await().until(() -> fake.scripts() == before + 4);
        fake.release();
        assertThat(calls).allSatisfy(call -> assertThat(call.join().status()).isEqualTo("ok"));
        assertThat(ends).allSatisfy(end -> assertThat(end.join()).isNotInstanceOf(TooManyRequestsException.class));
        assertThat(LockClient.get(call(runner, CallCost.asked("p", 1))).status())
                .isEqualTo("ok");
    }

    @Test
    @DisplayName("An answer that has come while the event loop was busy is an answer, however late the loop reads it")
    void readLate() throws Exception {
        ScriptRunner runner = runner(Settings.DEFAULT.withTimeouts(Duration.ofMillis(100), Duration.ofMillis(1_900)));
        ContextInternal loop = (ContextInternal) RedisTables.vertx().getOrCreateContext();
        // The connection of this loop.
        CompletableFuture<Reply> first = new CompletableFuture<>();
        loop.runOnContext(ignored ->
                call(runner, CallCost.asked("p", 1)).subscribe().with(first::complete, first::completeExceptionally));
        first.join();
        int scripts = fake.scripts();
        int connections = fake.connections();
        CompletableFuture<Reply> late = new CompletableFuture<>();
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            NetClient client = RedisTables.vertx().createNetClient();
            // As a request that is read among many others: the loop is busy with sockets, not with tasks, and timers
            // run
            // before the next look at them.
            loop.runOnContext(ignored -> client.connect(other.getLocalPort(), "127.0.0.1")
                    .onSuccess(socket -> socket.handler(read -> {
                        call(runner, CallCost.asked("p", 1))
                                .subscribe()
                                .with(late::complete, late::completeExceptionally);
                        await().until(() -> fake.scripts() > scripts);
                        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                    })));
            try (Socket accepted = other.accept()) {
                accepted.getOutputStream().write('x');
                assertThat(late.join().status()).isEqualTo("ok");
            }
        }
        assertThat(fake.scripts()).isEqualTo(scripts + 1);
        assertThat(fake.connections()).isEqualTo(connections);
    }

    @Test
    @DisplayName("A call that waited goes on in the context of its own request, not of the one that let it go")
    void context() {
        ScriptRunner runner = runner(Settings.DEFAULT.withWindow(1).withTimeouts(LONG, Duration.ofMillis(1_900)));
        ContextInternal loop = (ContextInternal) RedisTables.vertx().getOrCreateContext();
        for (int round = 0; round < 5; round++) {
            fake.hold();
            List<CompletableFuture<Boolean>> same = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                ContextInternal own = loop.duplicate();
                CompletableFuture<Boolean> done = new CompletableFuture<>();
                own.runOnContext(ignored -> call(runner, CallCost.asked("p", 1))
                        .subscribe()
                        .with(reply -> done.complete(isCurrent(own)), done::completeExceptionally));
                same.add(done);
            }
            fake.release();
            assertThat(same).allMatch(CompletableFuture::join);
        }
    }

    @SuppressWarnings("ReferenceEquality") // Contexts are told by their identity.
    private static boolean isCurrent(Context own) {
        return Vertx.currentContext() == own;
    }
}
