package io.lockgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What README.md and docs/first-calls.md show is what the gateway answers. Ids and tokens differ from store to store
 * and are mapped by their first appearance; times are left out.
 */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("smoke")
@Tag("slow")
class ReadmeTest {
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");
    private static final Pattern TIME = Pattern.compile("(expires_in_ms|retry_after_ms)\":\\d+");
    private static final Pattern NAME = Pattern.compile(
            "(?:grant_id|fencing_token|file_id|value|internalId|ownerId|id)\":\"([^\"]+)|/grants/([^/ \"]+)|/locks/([0-9]+)|after=([^\"]+)");
    private static final String HOST = "localhost:8080";

    @TestHTTPResource("/")
    URI base;

    private record Step(String command, String answer) {}

    @ParameterizedTest
    @DisplayName("Every call in README gets the answer that README shows")
    @CsvSource({"README.md, 3", "docs/first-calls.md, 20"})
    void tellsTheTruth(String page, int calls) throws IOException {
        List<Step> steps = steps(Files.readAllLines(Path.of(page)));
        assertThat(steps).hasSizeGreaterThanOrEqualTo(calls);
        RawHttp http = new RawHttp(base);
        Map<String, String> real = new HashMap<>();
        for (Step step : steps) {
            String answer = send(http, translated(step.command(), real));
            remember(step.answer(), answer, real);
            assertThat(timeless(answer)).as(step.command()).isEqualTo(timeless(translated(step.answer(), real)));
        }
    }

    private static List<Step> steps(List<String> lines) {
        List<Step> steps = new ArrayList<>();
        boolean inside = false;
        String command = "";
        StringBuilder answer = new StringBuilder();
        for (String line : lines) {
            boolean fence = line.startsWith("```");
            boolean prompt = inside && line.startsWith("$ ");
            if ((fence || prompt) && !command.isEmpty()) {
                steps.add(new Step(command, answer.toString()));
                command = "";
            }
            if (fence) {
                inside = line.equals("```console");
            } else if (prompt) {
                command = line.substring(2);
                answer.setLength(0);
            } else if (inside) {
                answer.append(line);
            }
        }
        return steps;
    }

    /** Understands the few options of curl that the pages use. */
    private static String send(RawHttp http, String command) {
        String method = "";
        String body = null;
        String target = "";
        boolean status = false;
        List<String> words = words(command);
        assertThat(words.getFirst()).isEqualTo("curl");
        for (int i = 1; i < words.size(); i++) {
            switch (words.get(i)) {
                case "-s" -> {}
                case "-X" -> method = words.get(++i);
                case "-H" ->
                    assertThat(words.get(++i))
                            .isIn("Content-Type: application/json", "Authorization: Bearer $TOKEN", "SID: $SID");
                case "-d" -> body = words.get(++i);
                case "-w" -> {
                    assertThat(words.get(++i)).isEqualTo("%{http_code}\\n");
                    status = true;
                }
                default -> {
                    assertThat(words.get(i)).startsWith(HOST);
                    target = words.get(i).substring(HOST.length());
                }
            }
        }
        if (method.isEmpty()) {
            method = body == null ? "GET" : "POST";
        }
        // The client knows which credential each API wants.
        Answer answer = http.send(
                method,
                target,
                body == null ? null : body.getBytes(StandardCharsets.UTF_8),
                "Content-Type: application/json");
        return answer.text() + (status ? answer.status() : "");
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(first(word));
        }
        return words;
    }

    /** Ids and tokens of a page stand for those that this store gives. */
    private static void remember(String shown, String got, Map<String, String> real) {
        List<String> shownNames = names(shown);
        List<String> gotNames = names(got);
        assertThat(gotNames).as(got).hasSameSizeAs(shownNames);
        if (!shownNames.isEmpty() && !real.containsKey(shownNames.getFirst())) {
            // Another file: another bucket, with a counter of its own, so the same token may come again.
            real.clear();
        }
        for (int i = 0; i < shownNames.size(); i++) {
            String known = real.putIfAbsent(shownNames.get(i), gotNames.get(i));
            assertThat(known == null ? gotNames.get(i) : known).as(got).isEqualTo(gotNames.get(i));
        }
    }

    private static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        Matcher name = NAME.matcher(text);
        while (name.find()) {
            names.add(first(name));
        }
        return names;
    }

    private static String first(Matcher match) {
        for (int i = 1; i <= match.groupCount(); i++) {
            if (match.group(i) != null) {
                return match.group(i);
            }
        }
        throw new IllegalStateException(match.group());
    }

    private static String translated(String text, Map<String, String> real) {
        String result = text;
        for (Map.Entry<String, String> entry : real.entrySet()) {
            result = result.replaceAll(
                    "(?<=[\"/=])" + Pattern.quote(entry.getKey()) + "(?=[\"'/?\\s]|$)",
                    Matcher.quoteReplacement(entry.getValue()));
        }
        return result;
    }

    private static String timeless(String text) {
        return TIME.matcher(text).replaceAll("$1\":0");
    }
}
