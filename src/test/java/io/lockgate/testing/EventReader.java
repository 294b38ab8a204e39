package io.lockgate.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A client of an event stream over HTTP/1.1, which keeps what it hears. */
public final class EventReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An event; {@code id} is the last that the stream named. */
    public record Event(String id, String type, JsonNode data) {}

    private final HttpClient client;
    private final HttpResponse<InputStream> answer;
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger comments = new AtomicInteger();
    private volatile String lastId = "";
    private volatile boolean ended;

    private EventReader(HttpClient client, HttpResponse<InputStream> answer) {
        this.client = client;
        this.answer = answer;
    }

    /** Opens it; header lines as {@code name: value}. It has begun when this returns and the status is 200. */
    public static EventReader open(URI uri, String... headers) {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        for (String header : headers) {
            String[] parts = header.split(": ", 2);
            request.header(parts[0], parts[1]);
        }
        try {
            EventReader reader =
                    new EventReader(client, client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
            if (reader.status() == 200) {
                Thread thread = new Thread(reader::read, "event-reader");
                thread.setDaemon(true);
                thread.start();
            }
            return reader;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public int status() {
        return answer.statusCode();
    }

    public String header(String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    /** Of an answer that is no stream. */
    public String body() {
        try (InputStream body = answer.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All heard until now. */
    public List<Event> events() {
        return List.copyOf(events);
    }

    /** The types of all heard until now. */
    public List<String> types() {
        return events.stream().map(Event::type).toList();
    }

    /** What a browser would send as {@code Last-Event-ID}; empty until it has heard one. */
    public String lastId() {
        return lastId;
    }

    /** How many comments it has heard; a stream begins with one. */
    public int comments() {
        return comments.get();
    }

    public boolean hasEnded() {
        return ended;
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            List<String> block = new ArrayList<>();
            @Nullable String line = lines.readLine();
            while (line != null) {
                if (line.isEmpty()) {
                    dispatch(block);
                    block.clear();
                } else {
                    block.add(line);
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            // Cut off.
        }
        ended = true;
    }

    private void dispatch(List<String> block) throws IOException {
        String type = "message";
        @Nullable String data = null;
        for (String line : block) {
            if (line.startsWith("id: ")) {
                lastId = line.substring(4);
            } else if (line.startsWith("event: ")) {
                type = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.startsWith(":")) {
                comments.incrementAndGet();
            }
        }
        if (data != null) {
            events.add(new Event(lastId, type, JSON.readTree(data)));
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
