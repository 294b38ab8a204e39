package io.lockgate.load;

import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.http.response.Response;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.CheckBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One call of an operation: tells what its answer means, counts it, and leaves {@code served} in the session. In Gatling's report an
 * expected answer, a conflict among them, is OK; "told to wait" and what is unexpected are KO, each under a text of its own.
 */
final class Calls {
    /** Whether the last call was served. */
    static final String SERVED = "served";

    private static final String LAST = "last";

    /** What the last answer meant. One for each virtual user, whose calls come one after the other. */
    private static final class Last {
        private Outcome outcome = Outcome.UNEXPECTED;
        private int status;
        private String body = "";

        void clear() {
            outcome = Outcome.UNEXPECTED;
            status = 0;
            body = "no answer; the report says why, below \"Errors\"";
        }

        void take(Expected expected, Response response) {
            body = response.body().string();
            status = response.status().code();
            outcome = expected.of(status, response.headers().contains("Retry-After"), body);
        }
    }

    private final Tally tally;
    private final boolean measured;

    /** @param measured false for the warm-up, which is counted but not in the report */
    Calls(Tally tally, boolean measured) {
        this.tally = tally;
        this.measured = measured;
    }

    /** At the start of an operation, before any call. */
    static Session begin(Session session) {
        return session.set(LAST, new Last()).set(SERVED, false);
    }

    static boolean served(Session session) {
        return session.getBoolean(SERVED);
    }

    /** What an operation has put into the session. */
    static String text(Session session, String name) {
        return Objects.requireNonNull(session.getString(name), name);
    }

    /** @param checks what a good answer must hold, or what is kept of it */
    ChainBuilder send(String name, Expected expected, HttpRequestActionBuilder request, CheckBuilder... checks) {
        List<Integer> statuses = new ArrayList<>(expected.served());
        statuses.addAll(expected.conflicts());
        HttpRequestActionBuilder checked = request.transformResponse((response, session) -> {
                    last(session).take(expected, response);
                    return response;
                })
                .checkIf((response, session) -> toldToWait(session, 429))
                .then(status().is(0).name("told to wait (429)"))
                .checkIf((response, session) -> toldToWait(session, 503))
                .then(status().is(0).name("told to wait (503)"))
                .checkIf((response, session) ->
                        is(session, Outcome.UNEXPECTED) && !statuses.contains(last(session).status))
                .then(status().in(statuses))
                .checkIf((response, session) ->
                        is(session, Outcome.UNEXPECTED) && statuses.contains(last(session).status))
                .then(status().is(0).name("expected status with an unexpected text"));
        if (checks.length > 0) {
            checked = checked.checkIf((response, session) -> is(session, Outcome.SERVED))
                    .then(checks);
        }
        return exec(session -> {
                    last(session).clear();
                    return session;
                })
                .exec(measured ? checked : checked.silent())
                .exec(session -> count(name, session));
    }

    private Session count(String name, Session session) {
        Last last = last(session);
        // A check of the body has failed.
        Outcome outcome = last.outcome == Outcome.SERVED && session.isFailed() ? Outcome.UNEXPECTED : last.outcome;
        tally.count(name, measured, outcome);
        if (outcome == Outcome.UNEXPECTED) {
            tally.show(name, last.status + " " + last.body);
        }
        return session.markAsSucceeded().set(SERVED, outcome == Outcome.SERVED);
    }

    private static Last last(Session session) {
        Last last = session.get(LAST);
        if (last == null) {
            throw new IllegalStateException("an operation begins with Calls.begin");
        }
        return last;
    }

    private static boolean is(Session session, Outcome outcome) {
        return last(session).outcome == outcome;
    }

    private static boolean toldToWait(Session session, int status) {
        return is(session, Outcome.TOLD_TO_WAIT) && last(session).status == status;
    }
}
