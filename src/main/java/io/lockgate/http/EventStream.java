package io.lockgate.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.identity.Caller;
import io.lockgate.identity.IdentityUnavailableException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * A body of server-sent events (HTML Living Standard, 9.2). A comment every 15 s shows that it lives. A client that takes
 * nothing for {@value #SLOW_MS} ms while something waits for it, or lets more than {@value #MAX_WAITING} bytes wait, is
 * dropped: the connection is closed without the last chunk (HTTP/2: the stream is reset), and it may go on where it was.
 *
 * <p>Methods may be called on any thread; none blocks.
 */
public final class EventStream {
    /** Bytes sent that the client has not taken. */
    static final int MAX_WAITING = 1 << 20;

    static final long SLOW_MS = 5_000;

    /** Beyond it {@link #isReady} is false. */
    private static final int BUSY = 64 << 10;

    private static final byte[] COMMENT = ":\n\n".getBytes(UTF_8);

    private static final long LOOK_MS = 1_000;
    private static final long HEARTBEAT_NANOS = Duration.ofSeconds(15).toNanos();

    private static final long ABANDONED_NANOS = Duration.ofSeconds(10).toNanos();

    private final long made = System.nanoTime();
    private final EventStreams streams;
    private final long user;
    private final BooleanSupplier isGone;
    private final Uni<Caller> again;
    private final Function<EventStream, Runnable> begin;

    /** The rest belongs to the event loop of the request. */
    private @Nullable ResteasyReactiveRequestContext call;

    private @Nullable ServerHttpResponse response;
    private volatile @Nullable Context loop;
    private @Nullable Vertx vertx;
    private @Nullable Runnable source;
    private long timer;
    private final AtomicInteger waiting = new AtomicInteger();
    /** Bytes given to the response that the client has not taken. */
    private int untaken;

    private long takenAt;
    private long writtenAt;
    private long checkedAt;
    private boolean checking;
    private volatile boolean over;

    EventStream(
            EventStreams streams,
            long user,
            BooleanSupplier isGone,
            Uni<Caller> again,
            Function<EventStream, Runnable> begin) {
        this.streams = streams;
        this.user = user;
        this.isGone = isGone;
        this.again = again;
        this.begin = begin;
    }

    /** Whether the client has taken nearly all that was written. */
    public boolean isReady() {
        return waiting.get() < BUSY;
    }

    /**
     * Sends an event.
     *
     * @param id by which a client goes on behind it; no line feed
     * @param type of the event; no line feed
     * @param json its data, on one line
     */
    public void send(String id, String type, byte[] json) {
        String head = "id: " + id + "\nevent: " + type + "\ndata: ";
        byte[] front = head.getBytes(UTF_8);
        byte[] frame = new byte[front.length + json.length + 2];
        System.arraycopy(front, 0, frame, 0, front.length);
        System.arraycopy(json, 0, frame, front.length, json.length);
        frame[frame.length - 2] = '\n';
        frame[frame.length - 1] = '\n';
        streams.countSent();
        put(frame);
    }

    /** Tells the client how far it is, without an event. */
    public void position(String id) {
        put(("id: " + id + "\n\n").getBytes(UTF_8));
    }

    /** Counts as waiting at once, so that whoever has more to send knows. */
    private void put(byte[] bytes) {
        waiting.addAndGet(bytes.length);
        onLoop(() -> write(bytes));
    }

    /** Ends it in order. */
    public void end() {
        onLoop(() -> finish(true));
    }

    /** On the event loop of the request, which waits for its body. */
    void writeTo(ResteasyReactiveRequestContext context, ServerHttpResponse to, Vertx vertxOfCall, Context loopOfCall) {
        call = context;
        response = to;
        vertx = vertxOfCall;
        loop = loopOfCall;
        if (over) {
            to.end();
            context.resume();
            return;
        }
        long now = System.nanoTime();
        takenAt = now;
        writtenAt = now;
        checkedAt = now;
        to.setChunked(true);
        put(COMMENT);
        timer = vertxOfCall.setPeriodic(LOOK_MS, fired -> look());
        source = begin.apply(this);
        if (over) {
            source.run();
        }
    }

    /** Whether it was made long ago and nobody has asked for its body: its answer was dropped, or had none. */
    boolean isAbandoned() {
        return loop == null && System.nanoTime() - made > ABANDONED_NANOS;
    }

    long user() {
        return user;
    }

    private void onLoop(Runnable work) {
        Context here = loop;
        if (here != null) {
            here.runOnContext(there -> work.run());
        } else {
            over = true;
            streams.closed(this, user);
        }
    }

    private void write(byte[] bytes) {
        ServerHttpResponse to = response;
        if (over || to == null) {
            return;
        }
        if (untaken == 0) {
            takenAt = System.nanoTime();
        }
        untaken += bytes.length;
        writtenAt = System.nanoTime();
        if (waiting.get() > MAX_WAITING) {
            drop();
            return;
        }
        to.write(bytes)
                .whenComplete((written, failure) -> onLoop(() -> {
                    waiting.addAndGet(-bytes.length);
                    untaken -= bytes.length;
                    takenAt = System.nanoTime();
                    if (failure != null) {
                        finish(false);
                    }
                }));
    }

    private void look() {
        long now = System.nanoTime();
        if (isGone.getAsBoolean()) {
            finish(false);
        } else if (untaken > 0 && now - takenAt > Duration.ofMillis(SLOW_MS).toNanos()) {
            drop();
        } else {
            if (now - writtenAt > HEARTBEAT_NANOS) {
                put(COMMENT);
            }
            if (!checking && now - checkedAt > streams.recheck().toNanos()) {
                check(now);
            }
        }
    }

    /** A store that does not answer decides nothing. */
    private void check(long now) {
        checking = true;
        checkedAt = now;
        again.subscribe()
                .with(
                        permitted -> onLoop(() -> checking = false),
                        failure -> onLoop(() -> {
                            checking = false;
                            if (!(failure instanceof IdentityUnavailableException)) {
                                finish(true);
                            }
                        }));
    }

    private void drop() {
        if (!over) {
            streams.countDropped();
            finish(false);
        }
    }

    private void finish(boolean inOrder) {
        if (over) {
            return;
        }
        over = true;
        streams.closed(this, user);
        if (vertx != null) {
            vertx.cancelTimer(timer);
        }
        if (source != null) {
            source.run();
        }
        if (response != null && call != null) {
            if (inOrder) {
                response.end();
            } else {
                response.reset();
            }
            call.resume();
        }
    }
}
