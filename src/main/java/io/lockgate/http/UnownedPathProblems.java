package io.lockgate.http;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;

/** The answer where no door is: problem+json (RFC 9457), as the operations endpoints give. */
final class UnownedPathProblems {
    private static final Logger LOG = Logger.getLogger(UnownedPathProblems.class);

    private UnownedPathProblems() {}

    static Response answer(Throwable failure) {
        int status =
                switch (failure) {
                    case WebApplicationException e -> e.getResponse().getStatus();
                    case ShuttingDownException e -> 503;
                    default -> 500;
                };
        if (status >= 500 && !(failure instanceof ShuttingDownException)) {
            LOG.error("a request outside all doors failed", failure);
        }
        return problem(status, "");
    }

    /** The same where nothing but the path of the request is known. */
    static Response early(int status, String description) {
        return problem(status, description);
    }

    /** Answers at once, without Jakarta REST. */
    static void send(RoutingContext context, int status, String description) {
        DirectAnswer.send(context, EarlyProblemRenderer.written(early(status, description)));
    }

    private static Response problem(int status, String detail) {
        String title = Response.Status.fromStatusCode(status) == null
                ? "Error"
                : Response.Status.fromStatusCode(status).getReasonPhrase();
        return Response.status(status)
                .header("Content-Type", "application/problem+json")
                .entity("{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status
                        + (detail.isEmpty() ? "" : ",\"detail\":\"" + detail + "\"") + "}")
                .build();
    }
}
