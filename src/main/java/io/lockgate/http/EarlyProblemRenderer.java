package io.lockgate.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lockgate.http.connection.EarlyProblems;
import io.quarkus.arc.All;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Lets the API that owns a path word what is found wrong before routing. */
@Singleton
final class EarlyProblemRenderer implements EarlyProblems {
    private final List<Dialect> doors;

    EarlyProblemRenderer(@All List<Dialect> doors) {
        this.doors = doors;
    }

    @Override
    public Answer answer(String path, int status, String description) {
        for (Dialect door : doors) {
            if (door.owns(path)) {
                return written(door.early(status, description));
            }
        }
        return written(UnownedPathProblems.early(status, description));
    }

    @Override
    public Answer headerTooLarge(String path, String headerName, int limitBytes) {
        for (Dialect door : doors) {
            if (door.owns(path)) {
                return written(door.headerTooLarge(headerName, limitBytes));
            }
        }
        return written(UnownedPathProblems.early(431, Dialect.tooLarge(limitBytes)));
    }

    /** An answer made for Jakarta REST, as bytes. */
    static Answer written(Response response) {
        Map<String, String> headers = new HashMap<>();
        response.getStringHeaders().forEach((name, values) -> headers.put(name, String.join(", ", values)));
        String type = headers.remove("Content-Type");
        Object body = Objects.requireNonNull(response.getEntity());
        byte[] bytes =
                switch (body) {
                    case byte[] whole -> whole;
                    case String text -> text.getBytes(UTF_8);
                    default -> Json.write(body);
                };
        return new Answer(response.getStatus(), type == null ? "application/json" : type, headers, bytes);
    }
}
