package io.lockgate.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.load.Callers.Caller;
import io.lockgate.load.FileNames.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What a run finds when it begins, and what it leaves when it is over: nothing but registered files, courses and gadgets. */
final class Stage {
    static final String COURSE = "lockgateload";
    static final String ROUTE = "lockgate-load";
    static final int GADGETS = 50;
    static final int ROUTE_IDS = 50;
    static final int REPORTED_FILES = 20;
    static final int PROVIDERS = 4;

    /** Locks on every second record, so that they do not merge; of one owner at most so many in a file. */
    private static final int OWNED = 1000;

    /** The APIs that a mix is made of. */
    enum Part {
        FILES,
        DISTRIBUTION,
        ADMIN,
        COURSES
    }

    /** One of many leases, and who holds it. */
    record Lease(String grantId, Caller caller) {}

    private final Api api;
    private final Parameters parameters;
    private final String run;
    private final Consumer<String> log;
    private final Callers callers;
    private final FileNames names;
    private final List<Lease> leases = new ArrayList<>();
    private final Map<Part, Integer> parts = new EnumMap<>(Part.class);

    Stage(Api api, Parameters parameters, String run, Consumer<String> log) {
        this.api = api;
        this.parameters = parameters;
        this.run = run;
        this.log = log;
        this.callers = new Callers(api, parameters, run, log);
        this.names = FileNames.of(parameters);
    }

    void prepare() {
        Api.require(api.get("/v1/version", Map.of()), "the deployment does not answer as a Lockgate", 200);
        callers.prepare();
        if (names.byPath()) {
            register();
        }
        tryOneLock();
        switch (parameters.scenario()) {
            case LISTS -> standingLocks(Kind.LIST, parameters.number("list-rows"), false);
            case RENEWALS -> standingLocks(Kind.LEASES, parameters.number("leases"), true);
            case MIXED -> mix();
            case RECORDS, HOT_FILE, HEADER, BATCHES -> {}
        }
    }

    Parameters parameters() {
        return parameters;
    }

    /** Stands as {@code owner_name} with every lock of the run. */
    String run() {
        return run;
    }

    List<Caller> callers() {
        return callers.all();
    }

    FileNames names() {
        return names;
    }

    List<Lease> leases() {
        return leases;
    }

    /** The shares of the APIs in a mix. */
    Map<Part, Integer> parts() {
        return parts;
    }

    /** Where the reports of the distribution API are. */
    String reported(int file) {
        return "/data/lockgate-load-" + run + "-" + file + "/distribution";
    }

    static String provider(int number) {
        return "lockgate-load-" + number;
    }

    /** Longer than the run: nobody renews these locks, or not before their turn comes. */
    private Duration longLease() {
        Duration whole =
                parameters.time("warm-up").plus(parameters.time("duration")).plusMinutes(10);
        Duration day = Duration.ofHours(24);
        return whole.compareTo(day) < 0 ? whole : day;
    }

    long longLeaseMs() {
        return longLease().toMillis();
    }

    private void register() {
        Caller caller = callers.all().getFirst();
        entry(caller, "/", names.directory(), "CREATE_DIRECTORY");
        Map<Kind, Integer> files =
                switch (parameters.scenario()) {
                    case RECORDS -> Map.of(Kind.RECORDS, parameters.number("files"));
                    case BATCHES -> Map.of(Kind.BATCHES, parameters.number("files"));
                    case HOT_FILE -> Map.of(Kind.HOT, 1);
                    case HEADER -> Map.of(Kind.HEADER, parameters.number("header-files"));
                    case LISTS -> Map.of(Kind.LIST, 1);
                    case RENEWALS -> Map.of(Kind.LEASES, filesOf(parameters.number("leases")));
                    case MIXED ->
                        Map.of(
                                Kind.RECORDS, parameters.number("files"),
                                Kind.BATCHES, parameters.number("files"),
                                Kind.HOT, 1,
                                Kind.HEADER, parameters.number("header-files"));
                };
        log.accept("registering files below /" + names.directory() + " ...");
        entry(caller, "/" + names.directory(), names.name(Kind.RECORDS, 0), "CREATE_FILE");
        files.forEach((kind, number) -> {
            for (int i = 0; i < number; i++) {
                entry(caller, "/" + names.directory(), names.name(kind, i), "CREATE_FILE");
            }
        });
    }

    private void entry(Caller caller, String directory, String name, String action) {
        Api.require(
                api.post(
                        "/v1/files/" + Encoding.percent(directory) + "/entries/",
                        caller.bearer(),
                        Map.of("name", name, "action", action)),
                "registering " + name,
                200,
                409);
    }

    /** Says at once what would otherwise be thousands of unexpected answers. */
    private void tryOneLock() {
        Caller caller = callers.all().getFirst();
        String path = "/v1/files/" + names.ref(Kind.RECORDS, 0) + "/locks/nlm/byte-range/";
        Api.Answer answer = api.post(path + "test", caller.bearer(), lock(0, "trial"));
        if (answer.status() == 404 && !names.byPath()) {
            throw new Fault(
                    "the deployment knows registered files alone (lockgate.files.catalog=strict): set file-names=path");
        }
        Api.require(answer, "a lock cannot be tested", 200);
    }

    private static int filesOf(int locks) {
        return Math.ceilDiv(locks, OWNED);
    }

    /** Makes many locks before the run, in batches: on one file for a list, on many for leases. */
    private void standingLocks(Kind kind, int number, boolean manyFiles) {
        log.accept("making " + number + " locks ...");
        int size = parameters.number("batch-size");
        List<Caller> all = callers.all();
        for (int done = 0; done < number; ) {
            int owner = done / OWNED;
            // A batch is of one file and, here, of one owner.
            int count = Math.min(Math.min(size, number - done), OWNED - done % OWNED);
            Caller caller = manyFiles ? all.get(owner % all.size()) : all.getFirst();
            List<Map<String, Object>> locks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                locks.add(lock(done + i, "standing-" + owner));
            }
            String path = "/v1/files/" + names.ref(kind, manyFiles ? owner : 0) + "/locks/nlm/byte-range/batch";
            JsonNode grants = Api.require(
                            api.post(path, caller.bearer(), Map.of("locks", locks)), "making locks before the run", 200)
                    .json()
                    .path("grants");
            grants.forEach(grant -> leases.add(new Lease(grant.path("grant_id").asText(), caller)));
            done += count;
        }
    }

    private Map<String, Object> lock(int record, String owner) {
        return Map.of(
                "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset", Long.toString(2L * record * parameters.number("record-size")),
                "size", parameters.text("record-size"),
                "owner_id", owner,
                "owner_name", run,
                "lease_ms", longLeaseMs());
    }

    private void mix() {
        share(Part.FILES, "mixed-files", "");
        share(Part.DISTRIBUTION, "mixed-distribution", distribution());
        share(Part.ADMIN, "mixed-admin", lacks("manage-locks"));
        share(Part.COURSES, "mixed-courses", courses());
        if (parts.isEmpty()) {
            throw new Fault("nothing is left to do in this scenario");
        }
    }

    private void share(Part part, String parameter, String whyNot) {
        int share = parameters.number(parameter);
        if (share > 0 && !whyNot.isEmpty()) {
            log.accept("left out: " + part + ", because " + whyNot);
        } else if (share > 0) {
            parts.put(part, share);
        }
    }

    private String lacks(String... permissions) {
        for (String permission : permissions) {
            if (!callers.may(permission)) {
                return "the user lacks the permission " + permission;
            }
        }
        return "";
    }

    /** Reports that there are from the start, so that no read finds nothing. */
    private String distribution() {
        String lacks = lacks("read-distribution", "report-any-distribution");
        if (!lacks.isEmpty() || parameters.number("mixed-distribution") == 0) {
            return lacks;
        }
        Caller caller = callers.all().getFirst();
        for (int file = 0; file < REPORTED_FILES; file++) {
            for (int provider = 0; provider < PROVIDERS; provider++) {
                Api.Answer answer =
                        api.put(reported(file) + "/" + provider(provider), caller.bearer(), "{\"blocks\":[[0,65536]]}");
                if (answer.status() == 400 || answer.status() == 403) {
                    return "it refuses a report: " + answer;
                }
                Api.require(answer, "the first report", 201, 204);
            }
        }
        return "";
    }

    private String courses() {
        Caller caller = callers.all().getFirst();
        if (caller.sid().isEmpty()) {
            return "there is no session (parameter sid, or an administrator who makes one)";
        }
        String lacks = lacks("edit-course", "manage-catalog");
        if (!lacks.isEmpty() || parameters.number("mixed-courses") == 0) {
            return lacks;
        }
        Api.require(api.put("/courses/" + COURSE, caller.session(), ""), "making a course known", 200);
        for (int i = 0; i < GADGETS; i++) {
            Api.require(
                    api.put("/courses/" + COURSE + "/gadgets/gadget-" + i, caller.session(), ""),
                    "making a gadget known",
                    200);
        }
        return "";
    }

    /** Takes away what the run has left. May be called twice. */
    void cleanUp() {
        for (Caller caller : callers.all()) {
            Api.require(
                    api.delete("/v1/files/locks/nlm/byte-range/?owner_name=" + run, caller.bearer()),
                    "releasing what is left",
                    200,
                    401);
        }
        if (parts.containsKey(Part.DISTRIBUTION)) {
            Caller caller = callers.all().getFirst();
            for (int file = 0; file < REPORTED_FILES; file++) {
                for (int provider = 0; provider < PROVIDERS; provider++) {
                    api.delete(reported(file) + "/" + provider(provider), caller.bearer());
                }
            }
        }
        if (parts.containsKey(Part.ADMIN) && !callers.own()) {
            Caller caller = callers.all().getFirst();
            for (int i = 0; i < ROUTE_IDS; i++) {
                api.delete("/admin/remove-lock", caller.bearer(), Map.of("route", ROUTE, "id", run + "-" + i));
            }
        }
        callers.cleanUp();
    }
}
