package io.lockgate.http;

import io.lockgate.http.connection.EarlyProblems;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A problem in the words and format of one API, ready to be sent.
 *
 * @param body written as JSON
 * @param headers beside {@code Content-Type} and {@code Content-Length}
 */
public record RenderedProblem(int status, Object body, String contentType, Map<String, String> headers) {
    public RenderedProblem {
        headers = Map.copyOf(headers);
    }

    /** A body of type {@code application/json}. */
    public static RenderedProblem json(int status, Object body) {
        return new RenderedProblem(status, body, "application/json", Map.of());
    }

    public RenderedProblem withHeader(String name, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(name, value);
        return new RenderedProblem(status, body, contentType, more);
    }

    /** Says when to send the request again: in whole seconds, rounded up, at least 1 (RFC 9110, 10.2.3). */
    public RenderedProblem retryAfter(Duration delay) {
        return withHeader(
                "Retry-After", Long.toString(Math.max(1, delay.plusMillis(999).toSeconds())));
    }

    /** For Jakarta REST; a 405 names the methods that the path takes. */
    public Response response() {
        Response.ResponseBuilder response =
                Response.status(status).entity(Json.write(body)).type(contentType);
        headers.forEach(response::header);
        if (status == 405) {
            response.header("Allow", AllowedMethods.ofCurrentRequest());
        }
        return response.build();
    }

    /** As bytes, for a connection whose request has no route. */
    public EarlyProblems.Answer answer() {
        return new EarlyProblems.Answer(status, contentType, headers, Json.write(body));
    }

    /** Answers at once, without Jakarta REST and without reading the body of the request. */
    public void send(RoutingContext context) {
        DirectAnswer.send(context, answer());
    }
}
