package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files API promises, over HTTP; runs in the test's JVM and against the packaged gateway. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class FilesApiTest {
    @TestHTTPResource("/")
    URI base;

    RawHttp http;

    /** A file, a machine and an owner that no other test knows. */
    String file;

    String machine;
    String owner;

    @BeforeEach
    void newFile() {
        http = new RawHttp(base);
        // The first call of a fresh Postgres connection may take longer than any call may.
        await().until(() -> http.get("/v1/files/%2Fwarm/info/attributes").status() != 503);
        file = Long.toString(ThreadLocalRandom.current().nextLong(1, 1L << 61));
        machine = "machine-" + UUID.randomUUID();
        owner = "owner-" + UUID.randomUUID();
    }

    // ------------------------------------------------------------ acquire, test, release

    @Test
    @DisplayName("A granted lock is returned with all its fields")
    void acquireAnswersTheGrant() {
        Answer answer =
                http.post(locks("nlm"), lock("EXCLUSIVE", "0", "4096", "owner_name", machine, "lease_ms", 60_000));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode grant = answer.json();
        assertThat(grant.get("file_id").textValue()).isEqualTo(file);
        assertThat(grant.get("stream_id").textValue()).isEqualTo("1");
        assertThat(grant.get("snapshot_id").textValue()).isEmpty();
        assertThat(grant.get("mode").toString()).isEqualTo(JsonText.value(List.of("API_BYTE_RANGE_EXCLUSIVE")));
        assertThat(grant.get("offset").textValue()).isEqualTo("0");
        assertThat(grant.get("size").textValue()).isEqualTo("4096");
        assertThat(grant.get("owner_id").textValue()).isEqualTo(owner);
        assertThat(grant.get("owner_name").textValue()).isEqualTo(machine);
        assertThat(grant.get("owner_address").textValue()).isEqualTo("127.0.0.1");
        assertThat(grant.get("node_address").textValue()).isEqualTo("127.0.0.1");
        assertThat(grant.get("grant_id").textValue()).isNotEmpty();
        assertThat(grant.get("fencing_token").textValue()).matches("[0-9]+");
        assertThat(grant.get("expires_in_ms").longValue()).isBetween(1L, 60_000L);
        assertThat(grant.get("provisional").booleanValue()).isFalse();
        assertThat(grant.has("client_id")).isFalse();
    }

    @Test
    @DisplayName("A lock without a lease does not expire, and numbers are accepted where strings are")
    void numbersAreTakenAndNoLeaseIsNoEnd() {
        Answer answer = http.post(
                locks("nlm"),
                JsonText.object(
                        "mode",
                        List.of("API_BYTE_RANGE_SHARED"),
                        "offset",
                        9007199254740991L,
                        "size",
                        1,
                        "owner_id",
                        owner,
                        "unknown",
                        JsonText.nested("a", List.of(1))));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("offset").textValue()).isEqualTo("9007199254740991");
        assertThat(answer.json().has("expires_in_ms")).isFalse();
    }

    @Test
    @DisplayName("nfs4 rows have the three fields of their schema, and node_id is a number")
    void nfs4RowsHaveTheirFields() {
        JsonNode grant = http.post(locks("nfs4"), lock("SHARED", "0", "0", "owner_name", machine))
                .json();

        assertThat(grant.get("client_id").textValue()).isEqualTo(machine);
        assertThat(grant.get("state_id").textValue())
                .isEqualTo(grant.get("grant_id").textValue());
        assertThat(grant.get("node_id").isIntegralNumber()).isTrue();
    }

    @Test
    @DisplayName("A POSIX lock to the end is shown with size 0, and the highest offset is exact")
    void theEndIsSizeZero() {
        JsonNode grant = http.post(locks("nlm"), lock("EXCLUSIVE", "18446744073709551615", "1"))
                .json();

        assertThat(grant.get("offset").textValue()).isEqualTo("18446744073709551615");
        assertThat(grant.get("size").textValue()).isEqualTo("0");
    }

    @Test
    @DisplayName("A zero-length SMB lock keeps its size")
    void smbHasZeroLengthLocks() {
        JsonNode grant = http.post(locks("smb"), lock("EXCLUSIVE", "7", "0")).json();

        assertThat(grant.get("offset").textValue()).isEqualTo("7");
        assertThat(grant.get("size").textValue()).isEqualTo("0");
    }

    @Test
    @DisplayName("A refusal lists the blockers, the free parts and the time to wait")
    void refusalExplainsItself() {
        http.post(locks("nlm"), lock("EXCLUSIVE", "10", "10", "lease_ms", 5_000));

        Answer answer = http.post(locks("nlm"), lock("EXCLUSIVE", "0", "100").replace(owner, owner + "-other"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(409);
        JsonNode body = answer.json();
        assertThat(body.get("error_class").textValue()).isEqualTo("fs_lock_conflict_error");
        JsonNode conflict = body.get("conflict");
        assertThat(conflict.get("blockers")).hasSize(1);
        assertThat(conflict.get("blockers").get(0).get("offset").textValue()).isEqualTo("10");
        assertThat(conflict.get("blockers").get(0).get("size").textValue()).isEqualTo("10");
        assertThat(conflict.get("blockers").get(0).get("owner_id").textValue()).isEqualTo(owner);
        assertThat(conflict.get("free").toString()).isEqualTo("""
                [{"offset":"0","size":"10"},{"offset":"20","size":"80"}]""");
        assertThat(conflict.get("more").booleanValue()).isFalse();
        long wait = conflict.get("retry_after_ms").longValue();
        assertThat(wait).isBetween(1L, 5000L);
        assertThat(answer.header("retry-after")).contains(Long.toString((wait + 999) / 1000));
        assertErrorShape(answer);
    }

    @Test
    @DisplayName("A test acquires nothing and names the blockers")
    void testTakesNothing() {
        String target = locks("nlm") + "test";
        assertThat(http.post(target, lock("EXCLUSIVE", "0", "1")).json().get("grants"))
                .isEmpty();
        http.post(locks("nlm"), lock("EXCLUSIVE", "0", "1"));

        Answer answer = http.post(target, lock("SHARED", "0", "0").replace(owner, owner + "-other"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("grants")).hasSize(1);
        assertThat(rows(locks("nlm"))).hasSize(1);
    }

    @Test
    @DisplayName("A release releases exactly these bytes, has an empty answer, and can be repeated")
    void releaseIsEmptyAndRepeatable() {
        http.post(locks("nlm"), lock("EXCLUSIVE", "0", "30"));

        for (int i = 0; i < 2; i++) {
            Answer answer = http.delete(
                    locks("nlm") + "?offset=10&size=10&owner_id=" + owner,
                    "Content-Type: application/json",
                    "Content-Length: 0");

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.header("content-length")).contains("0");
        }
        assertThat(rows(locks("nlm")))
                .extracting(row ->
                        row.get("offset").textValue() + "+" + row.get("size").textValue())
                .containsExactly("0+10", "20+10");
    }

    @Test
    @DisplayName("A release with an empty owner_name releases locks without one, and without it every name")
    void emptyNameIsAName() {
        http.post(locks("nlm"), lock("SHARED", "0", "10", "owner_name", machine));
        http.post(locks("nlm"), lock("SHARED", "0", "10"));
        String release = locks("nlm") + "?offset=0&size=10&owner_id=" + owner;

        assertThat(http.delete(release + "&owner_name=").status()).isEqualTo(200);
        assertThat(rows(locks("nlm")))
                .extracting(row -> row.get("owner_name").textValue())
                .containsExactly(machine);
        assertThat(http.delete(release).status()).isEqualTo(200);
        assertThat(rows(locks("nlm"))).isEmpty();
    }

    @Test
    @DisplayName("SMB releases only the exact range")
    void smbReleaseIsExact() {
        http.post(locks("smb"), lock("EXCLUSIVE", "0", "30"));

        Answer miss = http.delete(locks("smb") + "?offset=0&size=10&owner_id=" + owner);
        assertThat(miss.status()).isEqualTo(404);
        assertThat(miss.json().get("error_class").textValue()).isEqualTo("fs_no_such_lock_error");
        assertErrorShape(miss);
        assertThat(http.delete(locks("smb") + "?offset=0&size=30&owner_id=" + owner)
                        .status())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("A batch releases and acquires in one step, or does nothing")
    void batchIsAllOrNothing() {
        http.post(locks("nlm"), lock("EXCLUSIVE", "0", "10"));
        String other = owner + "-other";
        http.post(locks("nlm"), lock("EXCLUSIVE", "100", "10").replace(owner, other));
        String unlock = JsonText.object("offset", "0", "size", "10", "owner_id", owner);

        Answer refused = http.post(
                locks("nlm") + "batch",
                JsonText.object(
                        "unlocks",
                        List.of(JsonText.raw(unlock)),
                        "locks",
                        List.of(JsonText.raw(lock("SHARED", "50", "1")), JsonText.raw(lock("SHARED", "100", "1")))));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("index").intValue()).isEqualTo(1);
        assertThat(refused.json().get("conflict").get("blockers")).hasSize(1);
        assertThat(rows(locks("nlm"))).hasSize(2);

        Answer done = http.post(
                locks("nlm") + "batch/",
                JsonText.object(
                        "unlocks",
                        List.of(JsonText.raw(unlock)),
                        "locks",
                        List.of(JsonText.raw(lock("SHARED", "50", "1")))));
        assertThat(done.status()).as(done.text()).isEqualTo(200);
        assertThat(done.json().get("released").longValue()).isEqualTo(1);
        assertThat(done.json().get("grants").get(0).get("offset").textValue()).isEqualTo("50");
    }

    @Test
    @DisplayName("SMB unlocks stop at the first failure, and the answer names it")
    void smbUnlocksStopAtTheFirstMiss() {
        http.post(locks("smb"), lock("EXCLUSIVE", "0", "10"));
        String held = JsonText.object("offset", "0", "size", "10", "owner_id", owner);

        Answer answer = http.post(
                locks("smb") + "batch", JsonText.object("unlocks", List.of(JsonText.raw(held), JsonText.raw(held))));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().get("index").intValue()).isEqualTo(1);
        assertThat(rows(locks("smb"))).isEmpty();
    }

    // ------------------------------------------------------------ grants, fence

    @Test
    @DisplayName("A grant can be shown, renewed and released by its id")
    void grantsHaveIds() {
        JsonNode taken = http.post(locks("nlm"), lock("EXCLUSIVE", "0", "10", "lease_ms", 5_000))
                .json();
        String grant = "/v1/files/locks/nlm/grants/" + taken.get("grant_id").textValue();

        assertThat(http.get(grant).json().get("owner_id").textValue()).isEqualTo(owner);
        assertThat(http.get(grant + "/").status()).isEqualTo(200);
        Answer renewed = http.post(grant + "/renew", JsonText.object("lease_ms", 80000));
        assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
        assertThat(renewed.json().get("expires_in_ms").longValue()).isGreaterThan(5000);
        assertThat(http.get(grant.replace("nlm", "smb")).status()).isEqualTo(404);
        for (String other : List.of("nfs4", "smb")) {
            String elsewhere = grant.replace("nlm", other);
            assertThat(http.post(elsewhere + "/renew", JsonText.object("lease_ms", 1000))
                            .status())
                    .isEqualTo(404);
            assertThat(http.delete(elsewhere).status()).isEqualTo(404);
        }
        assertThat(http.get(grant).json().get("expires_in_ms").longValue()).isGreaterThan(5000);
        Answer freed = http.delete(grant);
        assertThat(freed.status()).isEqualTo(200);
        assertThat(freed.header("content-length")).contains("0");
        assertThat(http.get(grant).status()).isEqualTo(404);
        assertThat(http.delete(grant).status()).isEqualTo(404);
        Answer lost = http.post(grant + "/renew", JsonText.object("lease_ms", 80000));
        assertThat(lost.status()).isIn(404, 409);
        assertErrorShape(lost);
    }

    @Test
    @DisplayName("A lock without a lease cannot be renewed")
    void renewOfWhatDoesNotExpireIsRefused() {
        JsonNode taken = http.post(locks("nlm"), lock("EXCLUSIVE", "0", "10")).json();

        Answer answer = http.post(
                "/v1/files/locks/nlm/grants/" + taken.get("grant_id").textValue() + "/renew",
                JsonText.object("lease_ms", 5000));

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo("fs_lock_not_leased_error");
    }

    @Test
    @DisplayName("A fencing token is valid while its grant covers the range, and no longer")
    void fenceFollowsTheGrant() {
        JsonNode taken = http.post(locks("nlm"), lock("EXCLUSIVE", "0", "10")).json();
        String question = JsonText.object(
                "file_id",
                file,
                "offset",
                "0",
                "size",
                "10",
                "fencing_token",
                taken.get("fencing_token").textValue());

        Answer good = http.post("/v1/files/locks/fence/check", question);
        assertThat(good.json().get("valid").booleanValue()).as(good.text()).isTrue();
        assertThat(good.json().get("grant").get("owner_id").textValue()).isEqualTo(owner);
        http.delete(locks("nlm") + "?offset=5&size=0&owner_id=" + owner);
        assertThat(http.post("/v1/files/locks/fence/check/", question)
                        .json()
                        .get("valid")
                        .booleanValue())
                .isFalse();
    }

    // ------------------------------------------------------------ lists, paging, counts

    @ParameterizedTest
    @DisplayName("25 entries are three requests with limit=10 and two with limit=25, every grant once")
    @ValueSource(strings = {"/v1", "/api/v1"})
    void pagingAsTheClientsDoIt(String prefix) {
        for (int i = 0; i < 25; i++) {
            http.post(
                    prefix + locks("nlm").substring(3),
                    lock("SHARED", Integer.toString(i * 10), "1", "owner_name", machine));
        }
        String list = prefix + "/files/locks/nlm/byte-range/?limit=%d&owner_name=" + machine;

        assertThat(walk(list.formatted(10), 10)).isEqualTo(3);
        assertThat(walk(list.formatted(25), 25)).isEqualTo(2);
        assertThat(walk(prefix + "/files/" + file + "/locks/nlm/byte-range?limit=10&owner_id=" + owner, 10))
                .isEqualTo(3);
    }

    @Test
    @DisplayName("next keeps every filter, the limit and the prefix, in the official client's encoding and order")
    void nextKeepsEverything() {
        Answer answer = http.get("/api/v1/files/locks/nlm/byte-range/?mine=true&owner_id=own%2Fer%20id%2B1"
                + "&owner_address=10.0.0.7&owner_name=a%26b%C3%A9&limit=7");

        assertThat(answer.json().get("grants")).isEmpty();
        assertThat(answer.json().get("paging").get("next").textValue())
                .startsWith("/api/v1/files/locks/nlm/byte-range/?limit=7&owner_name=a%26b%C3%A9&owner_address=10.0.0.7"
                        + "&owner_id=own%2Fer%20id%2B1&mine=true&after=");
        Answer ofFile = http.get("/v1/files/" + file + "/locks/nfs4/byte-range?snapshot=17");
        assertThat(ofFile.json().get("paging").get("next").textValue())
                .startsWith("/v1/files/" + file + "/locks/nfs4/byte-range?limit=1000&snapshot=17&after=");
    }

    @Test
    @DisplayName("Several filters must all match, on lists of all files and of one file")
    void filtersTogetherMeanBoth() {
        http.post(locks("nlm"), lock("SHARED", "0", "1", "owner_name", machine, "owner_address", "10.9.8.7"));
        http.post(locks("nlm"), lock("SHARED", "10", "1", "owner_name", machine));
        String both = "?owner_name=" + machine + "&owner_address=10.9.8.7";

        assertThat(rows("/v1/files/locks/nlm/byte-range/" + both)).hasSize(1);
        assertThat(rows(locks("nlm") + both)).hasSize(1);
        assertThat(rows(locks("nlm") + "?owner_name=" + machine)).hasSize(2);
        assertThat(rows(locks("nlm") + "?mine=true&owner_id=" + owner)).hasSize(2);
        assertThat(rows(locks("nfs4"))).isEmpty();
    }

    @Test
    @DisplayName("A release by client releases what all filters match, and needs at least one filter")
    void releaseByClient() {
        http.post(locks("nlm"), lock("SHARED", "0", "1", "owner_name", machine));
        http.post(locks("nlm"), lock("SHARED", "10", "1"));

        Answer bare = http.delete("/v1/files/locks/nlm/byte-range/");
        assertThat(bare.status()).isEqualTo(400);
        assertErrorShape(bare);
        assertThat(http.delete("/v1/files/locks/nlm/byte-range/?owner_name=").status())
                .isEqualTo(400);
        Answer answer = http.delete("/v1/files/locks/nlm/byte-range/?owner_name=" + machine);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-length")).contains("0");
        assertThat(rows(locks("nlm"))).hasSize(1);
    }

    @ParameterizedTest
    @DisplayName("A filter that nothing matches yields an empty list with a next link")
    @ValueSource(
            strings = {
                "/v1/files/locks/nlm/byte-range/waiters/",
                "/v1/files/7/locks/smb/share-mode/",
                "/v1/files/7/locks/nlm/byte-range/waiters/",
                "/v1/files/7/locks/nfs4/byte-range/waiters/",
                "/v1/files/7/locks/smb/byte-range/waiters/",
            })
    void emptyLists(String target) {
        Answer answer = http.get(target);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        String rows = target.contains("waiters") ? "waiters" : "grants";
        assertThat(answer.json().get(rows)).isEmpty();
        String next = answer.json().get("paging").get("next").textValue();
        assertThat(next).startsWith(target + "?limit=1000&after=");
        assertThat(http.get(next).status()).isEqualTo(200);
    }

    @Test
    @DisplayName("Counts are available for each property")
    void counts() {
        http.post(locks("nlm"), lock("SHARED", "0", "1", "owner_address", "10.9.8.7"));
        http.post(locks("nlm"), lock("EXCLUSIVE", "10", "1"));

        assertThat(http.get(locks("nlm") + "count?by=owner_address").text())
                .contains(
                        JsonText.object("key", "10.9.8.7", "count", 1),
                        JsonText.object("key", "127.0.0.1", "count", 1));
        assertThat(http.get(locks("nlm") + "count?by=mode").text())
                .contains(JsonText.object("key", "API_BYTE_RANGE_EXCLUSIVE", "count", 1));
        http.post(
                locks("nlm"),
                lock("SHARED", "20", "1")
                        .replace("\"API_BYTE_RANGE_SHARED\"", "\"API_BYTE_RANGE_READ_OP\",\"API_BYTE_RANGE_SHARED\""));
        assertThat(http.get(locks("nlm") + "count?by=mode").text())
                .contains(JsonText.object("key", "API_BYTE_RANGE_SHARED,API_BYTE_RANGE_READ_OP", "count", 1))
                .contains(JsonText.object("key", "API_BYTE_RANGE_SHARED", "count", 1));
        assertThat(http.get("/v1/files/locks/nlm/byte-range/count?by=file&owner_id=" + owner)
                        .text())
                .contains(JsonText.object("key", file, "count", 3));
    }

    // ------------------------------------------------------------ files, names, version

    @ParameterizedTest
    @DisplayName("An encoded path is one segment and is decoded exactly once; a plus stays a plus")
    @ValueSource(
            strings = {"%20b%2Fc%25d", "%2Bb%C3%A9", "+b", "%3Bx=1%3Fy%23z", ";x=1", "%2525", "%252F", "%2e%2ex", "%5C"
            })
    void pathRefsSurviveRouting(String tail) {
        String ref = "%2F" + owner + tail;
        String target = "/v1/files/" + ref + "/locks/nlm/byte-range/";

        assertThat(http.get(target).status()).isEqualTo(404);
        assertThat(http.get(target).json().get("error_class").textValue()).isEqualTo("fs_no_such_entry_error");
        Answer taken = http.post(target, lock("EXCLUSIVE", "0", "1"));
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        String id = taken.json().get("file_id").textValue();
        assertThat(Long.parseLong(id)).isGreaterThanOrEqualTo(1L << 62);
        assertThat(rows(target)).hasSize(1);
        assertThat(rows("/v1/files/" + id + "/locks/nlm/byte-range/")).hasSize(1);
        assertThat(rows("/v1/files/" + ref + "%2F/locks/nlm/byte-range")).hasSize(1);
        String decoded = "/" + owner
                + java.net.URLDecoder.decode(tail.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(http.get("/v1/files/" + ref + "/info/attributes")
                        .json()
                        .get("path")
                        .textValue())
                .isEqualTo(decoded);
        assertThat(http.post("/v1/files/resolve", JsonText.value(List.of(id, "5")))
                        .json()
                        .get(0)
                        .get("path")
                        .textValue())
                .isEqualTo(decoded);
    }

    @Test
    @DisplayName("Ids up to 2^64-1 need no registration, but the ids of the registry do")
    void decimalRefs() {
        assertThat(http.get("/v1/files/18446744073709551615/locks/nlm/byte-range/")
                        .status())
                .isEqualTo(200);
        Answer reserved = http.get("/v1/files/4611686018427387999/locks/nlm/byte-range/");
        assertThat(reserved.status()).isEqualTo(404);
        assertThat(reserved.json().get("error_class").textValue()).isEqualTo("fs_no_such_inode_error");
    }

    @Test
    @DisplayName("A file can be registered under a directory once")
    void entries() {
        String name = "dir-" + UUID.randomUUID();
        Answer made = http.post("/v1/files/%2F/entries/", JsonText.object("name", name, "action", "CREATE_DIRECTORY"));
        assertThat(made.status()).as(made.text()).isEqualTo(200);
        assertThat(made.json().get("type").textValue()).isEqualTo("FS_FILE_TYPE_DIRECTORY");
        String child = JsonText.object("name", "c.dat", "action", "CREATE_FILE");
        Answer file = http.post("/v1/files/%2F" + name + "/entries", child);
        assertThat(file.json().get("path").textValue()).isEqualTo("/" + name + "/c.dat");
        assertThat(file.json().get("id").textValue())
                .isEqualTo(file.json().get("file_number").textValue());
        Answer again = http.post("/v1/files/%2F" + name + "/entries/", child);
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.json().get("error_class").textValue()).isEqualTo("fs_entry_exists_error");
        Answer directory = http.get("/v1/files/%2F" + name + "/locks/nlm/byte-range/");
        assertThat(directory.status()).isEqualTo(400);
        assertThat(directory.json().get("error_class").textValue()).isEqualTo("fs_not_a_file_error");
    }

    @ParameterizedTest
    @DisplayName("Every requested address has a result, in order")
    @ValueSource(strings = {"/v1/dns/resolve-ips-to-names", "/api/v1/dns/resolve/"})
    void namesOfAddresses(String target) {
        Answer answer = http.post(target, JsonText.value(List.of("127.0.0.1", "nonsense", "127.0.0.1")));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        JsonNode rows = answer.json();
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).get("ip_address").textValue()).isEqualTo("127.0.0.1");
        assertThat(rows.get(0).get("result").textValue()).isIn("OK", "NOT_FOUND", "TIMEOUT");
        assertThat(rows.get(1).get("result").textValue()).isEqualTo("ERROR");
        assertThat(rows.get(2)).isEqualTo(rows.get(0));
        assertThat(http.post(target, "[]").text()).isEqualTo("[]");
    }

    @Test
    @DisplayName("The version is the text after the last space")
    void version() {
        String revision = http.get("/v1/version").json().get("revision_id").textValue();

        assertThat(revision.substring(revision.lastIndexOf(' ') + 1)).matches("[0-9]+(\\.[0-9]+)+");
    }

    // ------------------------------------------------------------ transport

    @ParameterizedTest
    @DisplayName("The content type is exactly application/json, for errors too")
    @ValueSource(
            strings = {
                "/v1/version",
                "/v1/version/",
                "/v1/files/locks/nlm/byte-range/",
                "/v1/files/locks/nope/byte-range/",
                "/v1/nothing",
                "/api/v1/nothing/at/all",
                "/v1/",
                "/v1/files/%zz/locks/nlm/byte-range/",
            })
    void contentTypeHasNoCharset(String target) {
        Answer answer = http.get(target, "Accept: text/html", "Content-Type: application/json", "Content-Length: 0");

        assertThat(answer.header("content-type")).as(answer.toString()).contains("application/json");
        if (answer.status() >= 400) {
            assertErrorShape(answer);
        }
    }

    @Test
    @DisplayName("A connection stays open, and Connection: close is obeyed")
    void connections() throws IOException {
        try (RawHttp.Connection connection = http.connect()) {
            String request = """
                    GET /v1/version HTTP/1.1\r
                    Host: x\r
                    Content-Type: application/json\r
                    Content-Length: 0\r
                    """;
            connection.write(request + "\r\n");
            assertThat(connection.read("GET").header("connection")).isEmpty();
            connection.write(request + "Connection: close\r\n\r\n");
            assertThat(connection.read("GET").header("connection")).contains("close");
            assertThat(connection.isAtEnd()).isTrue();
        }
    }

    @Test
    @DisplayName("HEAD is GET without a body, and OPTIONS lists the methods")
    void headAndOptions() {
        Answer head = http.send("HEAD", "/v1/version", null);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("content-type")).contains("application/json");
        Answer options = http.send("OPTIONS", "/v1/files/locks/nlm/byte-range/", null);
        assertThat(options.status()).isEqualTo(200);
        assertThat(options.headers().stream().filter(h -> h[0].equals("allow")).map(h -> h[1]))
                .anyMatch(allow -> allow.contains("GET"));
    }

    // ------------------------------------------------------------ helpers

    String locks(String protocol) {
        return "/v1/files/" + file + "/locks/" + protocol + "/byte-range/";
    }

    String lock(String mode, String offset, String size, Object... more) {
        return JsonText.with(
                JsonText.object(
                        "mode", List.of("API_BYTE_RANGE_" + mode), "offset", offset, "size", size, "owner_id", owner),
                more);
    }

    List<JsonNode> rows(String target) {
        Answer answer = http.get(target);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        List<JsonNode> rows = new ArrayList<>();
        answer.json().get("grants").forEach(rows::add);
        return rows;
    }

    /** Follows next while pages are full, as the official client does; answers how many requests that took. */
    private int walk(String first, int limit) {
        List<String> seen = new ArrayList<>();
        String target = first;
        int requests = 0;
        int rows;
        do {
            Answer answer = http.get(target);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            requests++;
            rows = answer.json().get("grants").size();
            answer.json()
                    .get("grants")
                    .forEach(row -> seen.add(row.get("offset").textValue()));
            target = answer.json().get("paging").get("next").textValue();
            assertThat(target).startsWith(first.substring(0, first.indexOf('?')) + "?limit=" + limit);
        } while (rows == limit);
        Answer beyond = http.get(target);
        assertThat(beyond.json().get("grants")).isEmpty();
        assertThat(beyond.json().get("paging").get("next").textValue()).startsWith("/");
        assertThat(seen).hasSize(25).doesNotHaveDuplicates();
        return requests;
    }

    static void assertErrorShape(Answer answer) {
        assertThat(answer.header("content-type")).as(answer.toString()).contains("application/json");
        JsonNode body = answer.json();
        assertThat(body.get("module").isTextual()).isTrue();
        assertThat(body.get("error_class").textValue()).endsWith("_error");
        assertThat(body.get("description").isTextual()).isTrue();
        assertThat(body.get("stack").isArray()).isTrue();
        assertThat(body.get("user_visible").booleanValue()).isTrue();
    }
}
