package io.lockgate.load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.asLongAs;
import static io.gatling.javaapi.core.CoreDsl.bodyString;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.jsonPath;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Session;
import io.lockgate.load.FileNames.Kind;
import io.lockgate.load.Stage.Lease;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Operations of the files API. Each begins with a free choice of what it works on, and leaves no lock behind. */
final class FileOperations {
    private static final String FILE = "file";
    private static final String OWNER = "owner";
    private static final String OFFSET = "offset";
    private static final String GRANT = "grant";

    private final Stage stage;
    private final Calls calls;
    private final Parameters parameters;
    private final long recordSize;
    private final String leaseMs;
    /** Not from 0: locks of a run that was broken off may still stand for the time of a lease. */
    private final AtomicLong next = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40));

    FileOperations(Stage stage, Calls calls) {
        this.stage = stage;
        this.calls = calls;
        this.parameters = stage.parameters();
        this.recordSize = parameters.number("record-size");
        this.leaseMs = Long.toString(parameters.time("lease").toMillis());
    }

    /** A record that nobody else works on. */
    ChainBuilder record() {
        return exec(this::ownRecord).exec(held("acquire record", "release record", Expected.status(200)));
    }

    /** The same with what a careful holder does meanwhile: renews, and lets the storage check its token. */
    ChainBuilder guardedRecord() {
        ChainBuilder whileHeld = exec(calls.send(
                        "check fence",
                        Expected.status(200),
                        http("check fence")
                                .post("/v1/files/locks/fence/check")
                                .body(StringBody(session -> "{\"file_id\":\"" + Calls.text(session, "fileId")
                                        + "\",\"offset\":\"" + Calls.text(session, OFFSET) + "\",\"size\":\""
                                        + recordSize + "\",\"fencing_token\":\"" + Calls.text(session, "token")
                                        + "\"}")),
                        jsonPath("$.valid").is("true")))
                .exec(renew("renew record"));
        return exec(this::ownRecord)
                .exec(acquire("acquire record", Expected.status(200), session -> true, session -> recordSize))
                .exec(doIf(Calls::served)
                        .then(pause(parameters.time("hold"))
                                .exec(whileHeld)
                                .exec(release("release record", recordSize))));
    }

    private Session ownRecord(Session session) {
        long number = next.getAndIncrement();
        long files = parameters.number("files");
        long record = number / files % parameters.number("records");
        return session.set(FILE, stage.names().ref(Kind.RECORDS, number % files))
                .set(OFFSET, Long.toString(record * recordSize))
                .set(OWNER, "o" + number);
    }

    /** One of the few records of one file: conflicts. */
    ChainBuilder hotFile() {
        return exec(session -> session.set(FILE, stage.names().ref(Kind.HOT, 0))
                        .set(OFFSET, Long.toString(random(parameters.number("hot-records")) * recordSize))
                        .set(OWNER, "o" + next.getAndIncrement()))
                .exec(held(
                        "acquire hot record",
                        "release hot record",
                        Expected.status(200).orConflict(409)));
    }

    /** Many read the first bytes of a file, few write them. */
    ChainBuilder header() {
        int writers = parameters.number("header-writers");
        long size = parameters.number("header-size");
        return exec(session -> session.set(
                                FILE, stage.names().ref(Kind.HEADER, random(parameters.number("header-files"))))
                        .set(OFFSET, "0")
                        .set(OWNER, "o" + next.getAndIncrement()))
                .exec(randomSwitch()
                        .on(
                                percent(writers).then(header("write", true, size)),
                                percent(100.0 - writers).then(header("read", false, size))));
    }

    private ChainBuilder header(String verb, boolean exclusive, long size) {
        return exec(acquire(
                        "acquire header to " + verb,
                        Expected.status(200).orConflict(409),
                        session -> exclusive,
                        session -> size))
                .exec(doIf(Calls::served).then(pause(parameters.time("hold")).exec(release("release header", size))));
    }

    private ChainBuilder held(String acquire, String release, Expected expected) {
        return exec(acquire(acquire, expected, session -> true, session -> recordSize))
                .exec(doIf(Calls::served).then(pause(parameters.time("hold")).exec(release(release, recordSize))));
    }

    private ChainBuilder acquire(
            String name, Expected expected, Function<Session, Boolean> exclusive, Function<Session, Long> size) {
        return calls.send(
                name,
                expected,
                http(name)
                        .post(session -> locks(session))
                        .body(StringBody(session -> lock(
                                exclusive.apply(session),
                                Calls.text(session, OFFSET),
                                size.apply(session),
                                Calls.text(session, OWNER)))),
                jsonPath("$.file_id").saveAs("fileId"),
                jsonPath("$.grant_id").saveAs(GRANT),
                jsonPath("$.fencing_token").saveAs("token"));
    }

    private ChainBuilder release(String name, long size) {
        return calls.send(
                name,
                Expected.status(200),
                http(name)
                        .delete(session -> locks(session) + "?offset=" + Calls.text(session, OFFSET) + "&size=" + size
                                + "&owner_id=" + Calls.text(session, OWNER)));
    }

    private ChainBuilder renew(String name) {
        return calls.send(
                name,
                Expected.status(200),
                http(name)
                        .post(session -> "/v1/files/locks/nlm/grants/" + Calls.text(session, GRANT) + "/renew")
                        .body(StringBody("{\"lease_ms\":" + leaseMs + "}")));
    }

    /** Many ranges in one call, with gaps, so that each is a lock of its own; then all of them released in one call. */
    ChainBuilder batch(int size) {
        return exec(session -> {
                    long number = next.getAndIncrement();
                    long files = parameters.number("files");
                    // In one file a batch gets ranges of its own, as records do.
                    long first = number / files % parameters.number("records") * size * 2 * recordSize;
                    return session.set(FILE, stage.names().ref(Kind.BATCHES, number % files))
                            .set(OFFSET, first)
                            .set(OWNER, "o" + number);
                })
                .exec(calls.send(
                        "acquire batch of " + size,
                        Expected.status(200),
                        http("acquire batch of " + size)
                                .post(session -> locks(session) + "batch")
                                .body(StringBody(session -> "{\"locks\":["
                                        + ranges(
                                                size, session, (offset, owner) -> lock(true, offset, recordSize, owner))
                                        + "]}"))))
                .exec(doIf(Calls::served)
                        .then(pause(parameters.time("hold"))
                                .exec(calls.send(
                                        "release batch of " + size,
                                        Expected.status(200),
                                        http("release batch of " + size)
                                                .post(session -> locks(session) + "batch")
                                                .body(StringBody(session -> "{\"unlocks\":["
                                                        + ranges(size, session, this::unlock) + "]}"))))));
    }

    private interface Range {
        String json(String offset, String owner);
    }

    private String ranges(int size, Session session, Range range) {
        long first = session.getLong(OFFSET);
        String owner = Calls.text(session, OWNER);
        return IntStream.range(0, size)
                .mapToObj(i -> range.json(Long.toString(first + 2L * i * recordSize), owner))
                .collect(Collectors.joining(","));
    }

    /** Walks through the locks of a file from the first page to the last. */
    ChainBuilder walk() {
        int limit = parameters.number("list-limit");
        int rows = parameters.number("list-rows");
        return exec(session -> session.set("rows", 0)
                        .set("more", true)
                        .set(
                                "page",
                                "/v1/files/" + stage.names().ref(Kind.LIST, 0)
                                        + "/locks/nlm/byte-range/?mine=true&limit=" + limit))
                .exec(asLongAs(session -> session.getBoolean("more"))
                        .on(exec(calls.send(
                                        "list page of " + limit,
                                        Expected.status(200),
                                        http("list page of " + limit).get(session -> Calls.text(session, "page")),
                                        jsonPath("$.paging.next").saveAs("page"),
                                        bodyString()
                                                .transformWithSession(FileOperations::countRows)
                                                // A page that is too short in the middle would end the walk early.
                                                .validate(
                                                        "all rows",
                                                        (seen, session) ->
                                                                rowsAreThere(seen, session.getInt("rows"), limit, rows))
                                                .saveAs("rows")))
                                .exec(session ->
                                        session.set("more", Calls.served(session) && session.getInt("rows") < rows))));
    }

    private static Integer countRows(String page, Session session) {
        int rows = session.getInt("rows");
        for (int at = page.indexOf("\"grant_id\""); at >= 0; at = page.indexOf("\"grant_id\"", at + 1)) {
            rows++;
        }
        return rows;
    }

    private static Integer rowsAreThere(Integer seen, int before, int limit, int all) {
        if (seen < Math.min(all, before + limit)) {
            throw new IllegalStateException(seen + " rows of " + all);
        }
        return seen;
    }

    /** A page of the caller's locks, and how many there are. */
    ChainBuilder look() {
        return exec(this::ownRecord)
                .exec(calls.send(
                        "test record",
                        Expected.status(200),
                        http("test record")
                                .post(session -> locks(session) + "test")
                                .body(StringBody(session -> lock(
                                        true, Calls.text(session, OFFSET), recordSize, Calls.text(session, OWNER))))))
                .exec(calls.send(
                        "list own locks",
                        Expected.status(200),
                        http("list own locks").get("/v1/files/locks/nlm/byte-range/?mine=true&limit=100")))
                .exec(calls.send(
                        "count own locks",
                        Expected.status(200),
                        http("count own locks").get("/v1/files/locks/nlm/byte-range/count?by=mode&mine=true")));
    }

    /** One of the leases that were there before the run. */
    ChainBuilder renewal() {
        List<Lease> leases = stage.leases();
        return exec(session -> {
                    Lease lease = leases.get((int) (next.getAndIncrement() % leases.size()));
                    return session.set(GRANT, lease.grantId())
                            .set("bearer", lease.caller().token());
                })
                .exec(calls.send(
                        "renew lease",
                        Expected.status(200),
                        http("renew lease")
                                .post(session -> "/v1/files/locks/nlm/grants/" + Calls.text(session, GRANT) + "/renew")
                                .body(StringBody("{\"lease_ms\":" + stage.longLeaseMs() + "}"))));
    }

    private static String locks(Session session) {
        return "/v1/files/" + Calls.text(session, FILE) + "/locks/nlm/byte-range/";
    }

    private String lock(boolean exclusive, String offset, long size, String owner) {
        return "{\"mode\":[\"API_BYTE_RANGE_" + (exclusive ? "EXCLUSIVE" : "SHARED") + "\"],\"offset\":\"" + offset
                + "\",\"size\":\"" + size + "\",\"owner_id\":\"" + owner + "\",\"owner_name\":\"" + stage.run()
                + "\",\"lease_ms\":" + leaseMs + "}";
    }

    private String unlock(String offset, String owner) {
        return "{\"offset\":\"" + offset + "\",\"size\":\"" + recordSize + "\",\"owner_id\":\"" + owner
                + "\",\"owner_name\":\"" + stage.run() + "\"}";
    }

    private static long random(int bound) {
        return ThreadLocalRandom.current().nextInt(bound);
    }
}
