package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.FailingTable;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who may do and see what (docs/identity.md, docs/lock-semantics.md). */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class RightsTest {
    private static final String ACQUIRES = "PRIVILEGE_FS_LOCK_ACQUIRE";
    private static final String READS = "PRIVILEGE_FS_LOCK_READ";
    private static final String ADMINISTERS = "PRIVILEGE_FS_LOCK_WRITE";

    @TestHTTPResource("/")
    URI base;

    RawHttp http;
    String alice;
    String bob;
    String reader;
    String admin;
    String both;
    String nobody;
    String locks;
    String grant;

    @Inject
    AgroalDataSource database;

    @BeforeEach
    void aliceHoldsALock() {
        http = new RawHttp(base);
        Accounts accounts = new Accounts(http);
        alice = accounts.bearer(accounts.make(ACQUIRES));
        bob = accounts.bearer(accounts.make(ACQUIRES));
        reader = accounts.bearer(accounts.make(READS));
        admin = accounts.bearer(accounts.make(ADMINISTERS));
        both = accounts.bearer(accounts.make(ACQUIRES, ADMINISTERS));
        nobody = accounts.bearer(accounts.make());
        locks = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        Answer taken = http.post(locks, lock("alice-pid", "0", "10"), alice);
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        grant = "/v1/files/locks/nlm/grants/" + taken.json().get("grant_id").textValue();
    }

    @Test
    @DisplayName("A call without the permission gets 403 with the permission's name")
    void missingPermissionsAreNamed() {
        denied(http.post(locks, lock("x", "50", "1"), reader), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.post(locks + "test", lock("x", "50", "1"), reader), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(
                http.post(
                        locks + "batch", JsonText.object("locks", List.of(JsonText.raw(lock("x", "50", "1")))), admin),
                "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.get(locks, alice), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get(locks + "count?by=mode", alice), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/locks/nlm/byte-range/", bob), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/locks/nlm/byte-range/waiters/", nobody), "PRIVILEGE_FS_LOCK_READ");
        denied(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", reader), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(
                http.delete(locks + "?offset=0&size=0&owner_id=alice-pid&any_owner=true", bob),
                "PRIVILEGE_FS_LOCK_WRITE");
        denied(http.get(grant, nobody), "PRIVILEGE_FS_LOCK_READ");
        denied(http.post(grant + "/break", "{\"dry_run\":true}", alice), "PRIVILEGE_FS_LOCK_WRITE");
        denied(http.post(grant + "/break", "{\"reason\":\"r\"}", reader), "PRIVILEGE_FS_LOCK_WRITE");
        denied(http.delete(grant + "/break", bob), "PRIVILEGE_FS_LOCK_WRITE");
        denied(http.post(grant + "/break/undo", "", nobody), "PRIVILEGE_FS_LOCK_WRITE");
        denied(
                http.post("/v1/files/locks/break", "{\"file_id\":\"7\",\"dry_run\":true}", reader),
                "PRIVILEGE_FS_LOCK_WRITE");
        denied(http.get("/v1/files/%2Funknown/locks/nlm/byte-range/", nobody), "PRIVILEGE_FS_LOCK_READ");
    }

    @Test
    @DisplayName("A malformed request is 400, also when its caller may not act for the machine that it names")
    void malformedComesBeforeForbidden() {
        String elsewhere = "192.0.2.77";
        for (String field : List.of("snapshot_id", "stream_id")) {
            String bad = field.equals("stream_id") ? "" : "x";
            String body = foreign(elsewhere, field, bad);
            for (String call : List.of("", "test")) {
                Answer answer = http.post(locks + call, body, alice);
                assertThat(answer.status()).as(answer.text()).isEqualTo(400);
                assertThat(answer.text()).contains(field);
            }
            Answer batch = http.post(locks + "batch", JsonText.object("locks", List.of(JsonText.raw(body))), alice);
            assertThat(batch.status()).as(batch.text()).isEqualTo(400);
        }
        denied(http.post(locks, foreign(elsewhere, "stream_id", "s"), alice), "set-owner-address");
    }

    private static String foreign(String address, String field, String value) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                "50",
                "size",
                "1",
                "owner_id",
                "x",
                "owner_address",
                address,
                field,
                value);
    }

    @Test
    @DisplayName("Callers can list their own locks without the permission to read others'")
    void mineNeedsNoReadPermission() {
        Answer mine = http.get(locks + "?mine=true", alice);

        assertThat(mine.json().get("grants")).hasSize(1);
        assertThat(mine.json().get("grants").get(0).has("fencing_token")).isTrue();
        assertThat(http.get(locks + "?mine=true", bob).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("Readers see the owner of a lock, but only owners see its fencing token")
    void tokensAreForOwners() {
        JsonNode row = http.get(locks, reader).json().get("grants").get(0);

        assertThat(row.get("owner_id").textValue()).isEqualTo("alice-pid");
        assertThat(row.has("fencing_token")).isFalse();
        assertThat(http.get(grant, reader).json().has("fencing_token")).isFalse();
        assertThat(http.get(grant, alice).json().has("fencing_token")).isTrue();
    }

    @Test
    @DisplayName("A refusal tells other callers what is held and for how long, but not the holder")
    void refusalsDoNotTellWho() {
        Answer refused = http.post(locks, lock("bob-pid", "0", "20"), bob);
        JsonNode blocker = refused.json().get("conflict").get("blockers").get(0);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(blocker.get("size").textValue()).isEqualTo("10");
        assertThat(blocker.properties()).noneMatch(field -> field.getKey().startsWith("owner"));
        assertThat(blocker.has("grant_id")).isFalse();
        JsonNode tested = http.post(locks + "test", lock("bob-pid", "0", "20"), bob)
                .json()
                .get("grants")
                .get(0);
        assertThat(tested.properties())
                .noneMatch(field -> field.getKey().startsWith("owner")
                        || field.getKey().equals("fencing_token")
                        || field.getKey().equals("client_id"));
        assertThat(tested.has("grant_id")).isFalse();
        assertThat(tested.has("node_address")).isFalse();
        JsonNode read = http.post(locks + "test", lock("alice-other", "0", "20"), alice)
                .json()
                .get("grants")
                .get(0);
        assertThat(read.get("grant_id").textValue()).isNotEmpty();
        assertThat(read.get("node_address").textValue()).isNotEmpty();
    }

    @Test
    @DisplayName("In nfs4 a test hides both names of the grant id from other callers")
    void testsDoNotTellTheStateOfOthers() {
        String nfs4 = locks.replace("/nlm/", "/nfs4/");
        assertThat(http.post(nfs4, lock("alice-pid", "0", "10"), alice).status())
                .isEqualTo(200);
        JsonNode tested = http.post(nfs4 + "test", lock("bob-pid", "0", "20"), bob)
                .json()
                .get("grants")
                .get(0);
        assertThat(tested.get("size").textValue()).isEqualTo("10");
        assertThat(tested.properties())
                .extracting(Map.Entry::getKey)
                .doesNotContain("grant_id", "state_id", "node_address");
    }

    @Test
    @DisplayName("Paths are shown within the caller's scope; other ids are answered without a path")
    void pathsAreToldWithinTheScope() {
        Accounts accounts = new Accounts(http);
        Registered inside = register("inside");
        Registered outside = register("outside");
        String scoped =
                accounts.bearer(accounts.make(Accounts.scoped("PRIVILEGE_FS_LOCK_ACQUIRE", "/" + inside.name())));
        String byId = accounts.bearer(accounts.make(Accounts.scoped("PRIVILEGE_FS_LOCK_ACQUIRE", outside.id())));
        String asked = JsonText.value(List.of(inside.id(), outside.id(), "5"));

        JsonNode rows = http.post("/v1/files/resolve", asked, scoped).json();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).get("path").textValue()).isEqualTo("/" + inside.name());
        assertThat(rows.get(1).get("id").textValue()).isEqualTo(outside.id());
        assertThat(rows.get(1).get("path").textValue()).isEmpty();
        assertThat(rows.get(2).get("path").textValue()).isEmpty();
        assertThat(http.post("/v1/files/resolve", asked, alice)
                        .json()
                        .get(1)
                        .get("path")
                        .textValue())
                .isEqualTo("/" + outside.name());
        JsonNode own = http.post("/v1/files/resolve", asked, byId).json();
        assertThat(own.get(0).get("path").textValue()).isEmpty();
        assertThat(own.get(1).get("path").textValue()).isEqualTo("/" + outside.name());
        denied(http.get("/v1/files/" + outside.id() + "/info/attributes", scoped), "PRIVILEGE_FS_LOCK_READ");
    }

    private record Registered(String id, String name) {}

    /** Registers a file under the root. */
    private Registered register(String name) {
        String unique = name + "-" + UUID.randomUUID();
        Answer made = http.post("/v1/files/%2F/entries", JsonText.object("action", "CREATE_FILE", "name", unique));
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        return new Registered(made.json().get("id").textValue(), unique);
    }

    @Test
    @DisplayName("A grant id is no capability: grants of others look absent to callers without permission")
    void idsAreNoCapabilities() {
        assertThat(http.get(grant, bob).status()).isEqualTo(404);
        assertThat(http.delete(grant, bob).status()).isEqualTo(404);
        assertThat(http.post(grant + "/renew", JsonText.object("lease_ms", 5000), bob)
                        .status())
                .isEqualTo(404);
        assertThat(http.delete(grant, reader).status()).isEqualTo(403);
        assertThat(http.get(grant, reader).status()).isEqualTo(200);
        assertThat(http.delete(grant, admin).status()).isEqualTo(200);
        assertThat(http.get(grant, alice).status()).isEqualTo(404);
    }

    @Test
    @DisplayName("An ordinary release affects the caller's own principal only, whatever owner_id it names")
    void ordinaryReleasesAreForOnesOwn() {
        for (String caller : new String[] {bob, both}) {
            assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", caller)
                            .status())
                    .isEqualTo(200);
            assertThat(http.get(locks, reader).json().get("grants")).hasSize(1);
        }
        assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid&any_owner=true", both)
                        .status())
                .isEqualTo(200);
        assertThat(http.get(locks, reader).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("A caller with only the permission to break locks releases by owner_id for any principal")
    void administratorsReleaseByOwnerId() {
        assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", admin)
                        .status())
                .isEqualTo(200);
        assertThat(http.get(locks, reader).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("Without owner_name a release covers every name of the owner_id, with it only that name")
    void ownerNameNarrowsARelease() {
        http.post(locks, JsonText.with(lock("pid", "100", "1"), "owner_name", "a"), alice);
        http.post(locks, JsonText.with(lock("pid", "200", "1"), "owner_name", "b"), alice);

        http.delete(locks + "?offset=0&size=0&owner_id=pid&owner_name=a", alice);
        assertThat(http.get(locks + "?owner_id=pid", reader).json().get("grants"))
                .hasSize(1);
        http.delete(locks + "?offset=0&size=0&owner_id=pid", alice);
        assertThat(http.get(locks + "?owner_id=pid", reader).json().get("grants"))
                .isEmpty();
    }

    @Test
    @DisplayName("A release by client is limited to the caller's own locks in the same way")
    void releaseByClientFollowsTheSameRule() {
        String machine = "machine" + locks.hashCode();
        String target = "/v1/files/locks/nlm/byte-range/?owner_name=" + machine;
        http.post(locks, JsonText.with(lock("pid", "100", "1"), "owner_name", machine), alice);

        denied(http.delete(target, reader), "PRIVILEGE_FS_LOCK_ACQUIRE");
        assertThat(http.delete(target, both).status()).isEqualTo(200);
        assertThat(http.get(target, reader).json().get("grants")).hasSize(1);
        assertThat(http.delete(target, admin).status()).isEqualTo(200);
        assertThat(http.get(target, reader).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("A release of others' locks that cannot be audited does not happen; own ones need no audit entry")
    void unauditedReleasesDoNotHappen() {
        try (FailingTable _ = new FailingTable(database, "audit")) {
            assertThat(http.delete(grant, admin).status()).isEqualTo(500);
            assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", admin)
                            .status())
                    .isEqualTo(500);
            assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid&any_owner=true", both)
                            .status())
                    .isEqualTo(500);
            assertThat(http.get(locks, reader).json().get("grants")).hasSize(1);
            assertThat(http.delete(grant, alice).status()).isEqualTo(200);
        }
        assertThat(http.get(locks, reader).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName("A close of an open that cannot be audited does not happen, be it the closer's own or not")
    void unauditedClosesDoNotHappen() {
        String opens = locks.replace("nlm/byte-range", "smb/share-mode");
        String open = JsonText.object("mode", List.of("API_SHARE_MODE_READ"), "owner_id", "h");
        List<String> ids = new ArrayList<>();
        for (String token : List.of(alice, both)) {
            Answer opened = http.post(opens, open, token);
            assertThat(opened.status()).as(opened.text()).isEqualTo(200);
            ids.add(opened.json().get("grant_id").textValue());
        }
        String body = JsonText.value(ids.stream()
                .map(id -> JsonText.nested("handle_info", JsonText.nested("location", id)))
                .toList());
        try (FailingTable _ = new FailingTable(database, "audit")) {
            assertThat(http.post("/v1/smb/files/close", body, both).status()).isEqualTo(500);
            assertThat(http.delete(opens + "?owner_id=h&any_owner=true", both).status())
                    .isEqualTo(500);
            assertThat(http.get(opens, reader).json().get("grants")).hasSize(2);
        }
        assertThat(http.post("/v1/smb/files/close", body, both).status()).isEqualTo(200);
        assertThat(http.get(opens, reader).json().get("grants")).isEmpty();
    }

    @Test
    @DisplayName(
            "A break, a notice, its end and an undo that cannot be audited do not happen; a dry run needs no trail")
    void unauditedBreaksDoNotHappen() {
        String order = JsonText.object("reason", "r");
        String later = JsonText.object("reason", "r", "notice_ms", 3_600_000);
        String file = http.get(grant, reader).json().get("file_id").textValue();
        assertThat(http.post(grant + "/break", later, admin).status()).isEqualTo(200);
        try (FailingTable _ = new FailingTable(database, "audit")) {
            assertThat(http.post(grant + "/break", order, admin).status()).isEqualTo(500);
            assertThat(http.delete(grant + "/break", admin).status()).isEqualTo(500);
            assertThat(http.post("/v1/files/locks/break", JsonText.with(order, "file_id", file), admin)
                            .status())
                    .isEqualTo(500);
            assertThat(http.post(grant + "/break", JsonText.object("dry_run", true), admin)
                            .status())
                    .isEqualTo(200);
            assertThat(http.get(grant, reader).json().has("breaks_in_ms")).isTrue();
        }
        assertThat(http.post(grant + "/break", order, admin).status()).isEqualTo(200);
        try (FailingTable _ = new FailingTable(database, "audit")) {
            assertThat(http.post(grant + "/break/undo", "", admin).status()).isEqualTo(500);
        }
        assertThat(http.get(locks, reader).json().get("grants")).isEmpty();
        assertThat(http.post(grant + "/break/undo", "", admin).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("Others do not see that a lock will be broken, whose it is, or who would be granted")
    void othersDoNotSeeBreaks() {
        String later = JsonText.object("reason", "r", "notice_ms", 3_600_000);
        assertThat(http.post(grant + "/break", later, admin).status()).isEqualTo(200);
        JsonNode blocker = http.post(locks + "test", lock("bob-pid", "0", "20"), bob)
                .json()
                .get("grants")
                .get(0);
        assertThat(blocker.has("breaks_in_ms") || blocker.has("owner_id")).isFalse();
        assertThat(http.get(locks + "?mine=true", alice)
                        .json()
                        .get("grants")
                        .get(0)
                        .has("breaks_in_ms"))
                .isTrue();
    }

    private static String lock(String owner, String offset, String size) {
        return JsonText.object(
                "mode", List.of("API_BYTE_RANGE_EXCLUSIVE"), "offset", offset, "size", size, "owner_id", owner);
    }

    private static void denied(Answer answer, String permission) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo("http_unauthorized_error");
        assertThat(answer.json().get("description").textValue()).contains(permission);
    }
}
