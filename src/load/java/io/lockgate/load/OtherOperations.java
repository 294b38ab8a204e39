package io.lockgate.load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import java.util.concurrent.ThreadLocalRandom;

/** Operations of the distribution, admin and courses APIs. */
final class OtherOperations {
    private static final String PATH = "path";
    private static final String ID = "id";
    private static final String SID = "SID";
    private static final String SID_OF_CALLER = "#{sid}";

    private final Stage stage;
    private final Calls calls;

    OtherOperations(Stage stage, Calls calls) {
        this.stage = stage;
        this.calls = calls;
    }

    /** Reports change by a block and are read as often; now and then one is replaced. */
    ChainBuilder distribution() {
        return exec(session -> session.set(PATH, stage.reported(random(Stage.REPORTED_FILES)))
                        .set("provider", Stage.provider(random(Stage.PROVIDERS))))
                .exec(randomSwitch()
                        .on(
                                percent(45)
                                        .then(calls.send(
                                                "read reports",
                                                Expected.status(200),
                                                http("read reports").get("#{path}"))),
                                percent(45)
                                        .then(calls.send(
                                                "change report",
                                                Expected.status(204),
                                                http("change report")
                                                        .patch("#{path}/#{provider}")
                                                        .body(StringBody(session -> "{\"remove\":[" + block()
                                                                + "],\"add\":[" + block() + "]}")))),
                                percent(10)
                                        .then(calls.send(
                                                "replace report",
                                                Expected.status(201, 204),
                                                http("replace report")
                                                        .put("#{path}/#{provider}")
                                                        .body(StringBody(session -> "{\"blocks\":[" + block() + ","
                                                                + block() + "," + block() + "]}"))))));
    }

    /** Few places, so that a report stays short however long the run is. */
    private static String block() {
        return "[" + random(100) * 8192L + ",4096]";
    }

    /** One administrator at a time edits a resource. The holder is the user, whose other calls may have released it already. */
    ChainBuilder admin() {
        return exec(session -> session.set(ID, stage.run() + "-" + random(Stage.ROUTE_IDS)))
                .exec(calls.send(
                        "acquire route lock",
                        Expected.status(200).orConflict(409),
                        http("acquire route lock").post("/admin/lock").body(StringBody(OtherOperations::route))))
                .exec(doIf(Calls::served)
                        .then(pause(stage.parameters().time("hold"))
                                .exec(calls.send(
                                        "release route lock",
                                        Expected.status(200).orConflict(404, 403),
                                        http("release route lock")
                                                .delete("/admin/remove-lock")
                                                .body(StringBody(OtherOperations::route))))))
                .exec(randomSwitch()
                        .on(
                                percent(20)
                                        .then(calls.send(
                                                "list route locks",
                                                Expected.status(200),
                                                http("list route locks")
                                                        .get("/admin/locks?limit=100&route=" + Stage.ROUTE))),
                                percent(20)
                                        .then(calls.send(
                                                "show caller",
                                                Expected.status(200),
                                                http("show caller").get("/auth/me")))));
    }

    private static String route(Session session) {
        return "{\"route\":\"" + Stage.ROUTE + "\",\"id\":\"" + Calls.text(session, ID) + "\"}";
    }

    /** A user owns one lock at a time: another operation of the same user may have moved it meanwhile. */
    ChainBuilder courses() {
        return exec(session -> session.set("gadget", "gadget-" + random(Stage.GADGETS)))
                .exec(calls.send(
                        "acquire course lock",
                        Expected.status(201).orConflict(403, "Resource locked"),
                        http("acquire course lock")
                                .post("/locks")
                                .header(SID, SID_OF_CALLER)
                                .body(StringBody("{\"type\":\"gadget\",\"subject\":{\"courseId\":\"" + Stage.COURSE
                                        + "\",\"gadgetId\":\"#{gadget}\"}}")),
                        jsonPath("$.id").saveAs(ID)))
                .exec(doIf(Calls::served)
                        .then(pause(stage.parameters().time("hold"))
                                .exec(calls.send(
                                        "release course lock",
                                        Expected.status(200).orConflict(404),
                                        http("release course lock")
                                                .delete("/locks/#{id}")
                                                .header(SID, SID_OF_CALLER)))))
                .exec(randomSwitch()
                        .on(percent(20)
                                .then(calls.send(
                                        "list course locks",
                                        Expected.status(200),
                                        http("list course locks")
                                                .get("/locks?subject.courseId=" + Stage.COURSE)
                                                .header(SID, SID_OF_CALLER)))));
    }

    private static int random(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }
}
