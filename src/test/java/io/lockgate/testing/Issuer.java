package io.lockgate.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A self-made issuer: an HTTP server that shows keys. The test that says {@code @QuarkusTestResource} of it has a field
 * {@code issuer}, which takes {@code "down"}, {@code "up"} and else the keys to show, and may have a field {@code
 * fetches}, which tells how often it was asked. (Types of the JDK are the same to every class loader.)
 */
public final class Issuer implements QuarkusTestResourceLifecycleManager {
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile String keys = JsonText.object("keys", List.of());
    private volatile boolean down;
    private @Nullable HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
            started.createContext("/keys", this::show);
            started.start();
            server = started;
            return Map.of(
                    "lockgate.jwt.issuer",
                    SigningKey.ISSUER,
                    "lockgate.jwt.audience",
                    SigningKey.AUDIENCE,
                    "lockgate.jwt.jwks-url",
                    URI.create("http://127.0.0.1:" + started.getAddress().getPort() + "/keys")
                            .toString(),
                    "lockgate.jwt.fetch-pause",
                    "1s",
                    "lockgate.jwt.refresh",
                    "1s");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void inject(Object test) {
        Consumer<String> control = this::control;
        IntSupplier count = fetches::get;
        if (!set(test, "issuer", control)) {
            throw new IllegalStateException(test.getClass() + " has no field 'issuer'");
        }
        set(test, "fetches", count);
    }

    private static boolean set(Object test, String name, Object value) {
        for (Class<?> type = test.getClass(); type != Object.class; type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(name);
                field.setAccessible(true);
                field.set(test, value);
                return true;
            } catch (NoSuchFieldException e) {
                // Perhaps its superclass.
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
        return false;
    }

    @Override
    public void stop() {
        Objects.requireNonNull(server).stop(0);
    }

    private void control(String order) {
        switch (order) {
            case "down" -> down = true;
            case "up" -> down = false;
            default -> keys = order;
        }
    }

    private void show(HttpExchange exchange) throws IOException {
        fetches.incrementAndGet();
        byte[] body = keys.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            if (down) {
                exchange.sendResponseHeaders(503, -1);
            } else {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }
}
