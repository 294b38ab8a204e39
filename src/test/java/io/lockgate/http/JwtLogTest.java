package io.lockgate.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.Issuer;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.Servers;
import io.lockgate.testing.SigningKey;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(Servers.class)
@QuarkusTestResource(value = Issuer.class, restrictToAnnotatedClass = true)
@Tag("slow")
class JwtLogTest {
    @TestHTTPResource("/")
    URI base;

    @Nullable Consumer<String> issuer;

    @Test
    @DisplayName("A token is never logged, good or bad, with the issuer up or down, at any log level")
    void neverLogged() {
        SigningKey key = SigningKey.make("logged", "ES256");
        long now = System.currentTimeMillis() / 1000;
        List<String> tokens = List.of(
                key.token("nobody"),
                key.token("nobody", claims -> claims.setAudience("another")),
                key.unsigned(SigningKey.claims("nobody", now)),
                key.signedWithPublicKey(SigningKey.claims("nobody", now)).getFirst(),
                SigningKey.make("unheard-of", "ES256").token("nobody"));
        Queue<String> logged = new ConcurrentLinkedQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                StringWriter all = new StringWriter();
                all.append(entry.getLoggerName() + " " + entry.getMessage() + " "
                        + java.util.Arrays.toString(entry.getParameters()));
                if (entry.getThrown() != null) {
                    entry.getThrown().printStackTrace(new PrintWriter(all));
                }
                logged.add(all.toString());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        handler.setLevel(Level.ALL);
        Logger root = Logger.getLogger("");
        Level before = root.getLevel();
        root.addHandler(handler);
        root.setLevel(Level.ALL);
        RawHttp http = RawHttp.anonymous(base);
        try {
            for (String state : List.of("down", "up")) {
                Objects.requireNonNull(issuer).accept(state);
                Objects.requireNonNull(issuer).accept(SigningKey.jwks(key));
                for (String token : tokens) {
                    http.get("/v1/session/who-am-i", "Authorization: Bearer " + token);
                    http.get("/data/a/distribution", "X-Auth-Token: " + token);
                }
            }
        } finally {
            root.setLevel(before);
            root.removeHandler(handler);
        }
        assertThat(logged).as("the handler hears").isNotEmpty();
        assertThat(logged)
                .filteredOn(line -> tokens.stream().anyMatch(token -> line.contains(token.split("\\.", -1)[1])))
                .isEmpty();
    }
}
