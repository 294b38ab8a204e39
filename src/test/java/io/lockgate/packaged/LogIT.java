package io.lockgate.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.app.dev.EmbeddedRedis;
import io.lockgate.testing.BadEdge;
import io.lockgate.testing.GatewayProcess;
import io.lockgate.testing.GuardedPostgres;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The log of what is shipped, and its language. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("smoke")
class LogIT {
    /** Of the log, or of Java itself. */
    private static final String LINE =
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ (INFO |WARN |ERROR) \\[\\S+] \\(.*|WARNING: .*";

    private EmbeddedRedis redis;
    private GuardedPostgres postgres;

    @BeforeAll
    void start() {
        redis = EmbeddedRedis.start();
        postgres = GuardedPostgres.start();
        postgres.makeDatabase("lockgate", "postgres-secret");
    }

    @AfterAll
    void stop() {
        redis.close();
        postgres.close();
    }

    private Map<String, String> settings() {
        Map<String, String> settings = postgres.settings("lockgate", "lockgate", "postgres-secret");
        settings.put("quarkus.redis.hosts", "redis://127.0.0.1:" + redis.port());
        settings.put("lockgate.bootstrap.admin.username", "dev");
        settings.put("lockgate.bootstrap.admin.password", "long enough");
        return settings;
    }

    @Test
    @DisplayName("A text from outside stays on its line and controls no terminal; bad input is not logged at all")
    void staysOnItsLine() throws IOException {
        Map<String, String> settings = settings();
        // A name that is no setting is told in a line of the log.
        settings.put("LOCKGATE_\u001B[2J\n" + BadEdge.FORGED.replace('=', ' '), "x");
        try (GatewayProcess gateway = GatewayProcess.start(settings)) {
            gateway.awaitWords("is no setting of lockgate");
            String before = gateway.output();
            assertThat(before.lines()).allMatch(line -> line.matches(LINE));
            assertThat(before).contains("\\u001b[2J", "\\n").doesNotContain("\u001B", "\u0007");
            RawHttp http = RawHttp.anonymous(gateway.uri());
            BadEdge.send(
                    gateway.uri(),
                    http.login("dev", "long enough").json().get("bearer_token").textValue());
            String after = gateway.output().substring(before.length());
            assertThat(after.lines()).allMatch(line -> line.matches(LINE));
            assertThat(after).doesNotContain("WARN", "ERROR", "forged", "\u001B", "\u0007");
            assertThat(after).hasSizeLessThan(10_000);
        }
    }

    @Test
    @DisplayName("In an Arabic, Persian or Thai locale log lines keep ASCII digits and English words")
    void speaksEnglish() {
        for (String[] locale : new String[][] {{"ar", "EG"}, {"fa", "IR"}, {"th", "TH"}}) {
            Map<String, String> settings = settings();
            settings.put("JAVA_TOOL_OPTIONS", "-Duser.language=" + locale[0] + " -Duser.country=" + locale[1]);
            settings.put("LC_ALL", locale[0] + "_" + locale[1] + ".UTF-8");
            try (GatewayProcess gateway = GatewayProcess.start(settings)) {
                Answer login = RawHttp.anonymous(gateway.uri())
                        .post("/auth/login", JsonText.object("username", "dev", "password", "long enough"));
                assertThat(login.header("set-cookie").orElseThrow()).contains("; Max-Age=2592000; HttpOnly");
                assertThat(gateway.output()).matches("[\\x20-\\x7E\\s]+");
            }
            settings.put("lockgate.admin.body-limit", "1");
            assertThat(GatewayProcess.run(settings).output())
                    .contains("lockgate.admin.body-limit is 1, but must be between 1024 and 65536");
        }
    }
}
