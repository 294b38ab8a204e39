package io.lockgate.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Calls before and after the run, one after the other. */
final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /** Attempts of a call that is told to wait. */
    private static final int ATTEMPTS = 10;

    /** Not HTTP/2: java.net.http would ask for an upgrade, and lose a long answer now and then (docs/api-files.md, Headers). */
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    private final String url;

    Api(String url) {
        this.url = url;
    }

    record Answer(int status, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException e) {
                return MissingNode.getInstance();
            }
        }

        @Override
        public String toString() {
            return status + " " + body.substring(0, Math.min(300, body.length()));
        }
    }

    Answer get(String path, Map<String, String> credential) {
        return call("GET", path, credential, "");
    }

    Answer post(String path, Map<String, String> credential, Object body) {
        return call("POST", path, credential, json(body));
    }

    Answer put(String path, Map<String, String> credential, String body) {
        return call("PUT", path, credential, body);
    }

    Answer delete(String path, Map<String, String> credential) {
        return call("DELETE", path, credential, "");
    }

    Answer delete(String path, Map<String, String> credential, Object body) {
        return call("DELETE", path, credential, json(body));
    }

    /** @throws Fault when the status is none of those */
    static Answer require(Answer answer, String what, Integer... statuses) {
        if (!Set.of(statuses).contains(answer.status())) {
            throw new Fault(what + ": " + answer);
        }
        return answer;
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private Answer call(String method, String path, Map<String, String> headers, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(TIMEOUT)
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        try {
            for (int attempt = 1; ; attempt++) {
                HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
                boolean toldToWait = response.statusCode() == 429 || response.statusCode() == 503;
                if (!toldToWait || attempt == ATTEMPTS) {
                    return new Answer(response.statusCode(), response.body());
                }
                Thread.sleep(Duration.ofSeconds(1));
            }
        } catch (IOException e) {
            throw new Fault(url + " does not answer " + method + " " + path + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Fault("interrupted");
        }
    }
}
