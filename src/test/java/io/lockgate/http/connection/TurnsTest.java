package io.lockgate.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections of one event loop, whose rounds go by hand. */
@Timeout(60)
class TurnsTest {
    private static final String RENEWAL = "/renew";

    /** Its loop is that of all. */
    private final EmbeddedChannel loop = new EmbeddedChannel();

    private final Turns turns = new Turns(loop.eventLoop());
    private final List<String> begun = new ArrayList<>();
    private final ConnectionRules rules = new ConnectionRules(
            new Limits(),
            new NoProblems(),
            (method, path) -> path.equals(RENEWAL),
            any -> turns,
            new HttpServerOptions());
    private final AnonymousMemory memory = new AnonymousMemory(1 << 20, new LongAdder());

    /** A connection; what of its requests comes through goes into the list. */
    private final class Client {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final ClientConnection connection = new ClientConnection(channel, rules, null, memory, "");

        Client() {
            channel.pipeline()
                    .addLast(
                            new RequestSequencer(connection, new RequestDecoder(new HttpServerOptions())),
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(ChannelHandlerContext ctx, Object message) {
                                    if (message instanceof HttpRequest request) {
                                        begun.add(request.uri());
                                    }
                                }
                            });
        }

        Client verified() {
            connection.verify();
            return this;
        }

        Client asks(String path) {
            HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
            request.headers().set(HttpHeaderNames.HOST, "a");
            channel.writeInbound(request, LastHttpContent.EMPTY_LAST_CONTENT);
            return this;
        }
    }

    private void ask(int count, String path) {
        for (int i = 0; i < count; i++) {
            new Client().verified().asks(path + i);
        }
    }

    /** All sockets have been looked at, and their requests may go on. */
    private void nextRound() {
        loop.runPendingTasks();
    }

    private static List<String> paths(String path, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> path + i).toList();
    }

    @Test
    @DisplayName("A renewal goes before the acquires that came before it and have not begun")
    void renewalFirst() {
        ask(100, "/acquire");
        assertThat(begun).isEqualTo(paths("/acquire", 0, Turns.OTHERS));
        new Client().verified().asks(RENEWAL);
        assertThat(begun).hasSize(Turns.OTHERS + 1).last().isEqualTo(RENEWAL);
    }

    @Test
    @DisplayName("What waits begins in the order in which it came, some in each round, and nothing is left behind")
    void inOrder() {
        ask(100, "/acquire");
        int rounds = 0;
        while (turns.waiting() > 0) {
            int before = begun.size();
            nextRound();
            assertThat(begun.size() - before).isPositive();
            rounds++;
        }
        assertThat(begun).isEqualTo(paths("/acquire", 0, 100));
        assertThat(rounds).isGreaterThan(1);
        nextRound();
        ask(Turns.OTHERS, "/later");
        assertThat(begun).hasSize(100 + Turns.OTHERS);
    }

    @Test
    @DisplayName("Renewals without end keep no other request from its turn")
    void renewalsAreBounded() {
        IntStream.range(0, 100).forEach(i -> new Client().verified().asks(RENEWAL));
        assertThat(begun).hasSize(Turns.URGENT);
        new Client().verified().asks("/acquire");
        assertThat(begun).contains("/acquire");
    }

    @Test
    @DisplayName("A stranger's renewal waits like any other request")
    void strangers() {
        ask(100, "/acquire");
        new Client().asks(RENEWAL);
        assertThat(begun).doesNotContain(RENEWAL);
    }

    @Test
    @DisplayName("A client that leaves while it waits has asked for nothing, and others have their turn")
    void leavers() {
        ask(Turns.OTHERS, "/acquire");
        Client leaver = new Client().verified().asks("/gone");
        new Client().verified().asks("/stays");
        leaver.channel.close().syncUninterruptibly();
        while (turns.waiting() > 0) {
            nextRound();
        }
        assertThat(begun).contains("/stays").doesNotContain("/gone");
    }

    @Test
    @DisplayName("Clients that have left take no turn from those who wait behind them")
    void leaversTakeNoTurn() {
        ask(Turns.OTHERS, "/acquire");
        List<Client> leavers = IntStream.range(0, 10 * Turns.OTHERS)
                .mapToObj(i -> new Client().verified().asks("/gone"))
                .toList();
        int before = begun.size();
        new Client().verified().asks("/stays");
        leavers.forEach(leaver -> leaver.channel.close().syncUninterruptibly());
        nextRound();
        assertThat(begun.subList(before, begun.size())).containsExactly("/stays");
    }

    private record Limits() implements ConnectionLimits {
        @Override
        public Duration firstByteTimeout() {
            return Duration.ofMinutes(1);
        }

        @Override
        public Duration headerTimeout() {
            return Duration.ofMinutes(1);
        }

        @Override
        public Duration bodyTimeout() {
            return Duration.ofMinutes(1);
        }

        @Override
        public Duration unreadTimeout() {
            return Duration.ofMinutes(1);
        }

        @Override
        public int anonymousConnections() {
            return 0;
        }

        @Override
        public int anonymousMemory() {
            return 0;
        }

        @Override
        public int anonymousStreams() {
            return 1;
        }

        @Override
        public int streams() {
            return 1;
        }
    }

    private record NoProblems() implements EarlyProblems {
        @Override
        public Answer answer(String path, int status, String description) {
            return new Answer(status, "text/plain", Map.of(), new byte[0]);
        }

        @Override
        public Answer headerTooLarge(String path, String headerName, int limitBytes) {
            return answer(path, 431, headerName);
        }
    }
}
