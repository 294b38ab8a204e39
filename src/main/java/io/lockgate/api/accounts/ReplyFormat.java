package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.Json;
import jakarta.ws.rs.core.Response;
import java.time.Duration;

/** How a door tells an outcome. */
enum ReplyFormat {
    /** {@code {"data","code"}}, success and failure alike. */
    ADMIN {
        @Override
        ObjectNode body(int status, String message) {
            return JsonFields.object().put("data", message).put("code", status);
        }
    },
    /** {@code {"error","message"}}. */
    COURSES {
        @Override
        ObjectNode body(int status, String message) {
            return JsonFields.object().put("error", status).put("message", message);
        }
    };

    abstract ObjectNode body(int status, String message);

    /** A failure in this door's own words. */
    Response failure(int status) {
        return answer(status, body(status, words(status)));
    }

    Response failure(int status, String message) {
        return answer(status, body(status, message));
    }

    Response failure(int status, Duration retryAfter) {
        return Response.fromResponse(failure(status))
                .header("Retry-After", Math.max(1, retryAfter.plusMillis(999).toSeconds()))
                .build();
    }

    static Response answer(int status, ObjectNode body) {
        return Response.status(status)
                .entity(Json.write(body))
                .type("application/json")
                .build();
    }

    String words(int status) {
        return switch (status) {
            case 200, 201 -> "Success";
            case 400 -> "Bad request";
            case 401 -> this == ADMIN ? "Unauthorized" : "Invalid credentials";
            case 403 -> this == ADMIN ? "Forbidden" : "Insufficient permissions";
            case 404 -> "Not found";
            case 405 -> "Method not allowed";
            case 409 -> "Conflict";
            case 413 -> "Payload too large";
            case 415 -> "Unsupported media type";
            case 429 -> "Too many requests.";
            case 503 -> "Service unavailable";
            default -> status >= 500 ? "Internal server error" : "Bad request";
        };
    }
}
