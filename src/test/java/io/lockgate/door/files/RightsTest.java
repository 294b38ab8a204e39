package io.lockgate.door.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may do and see what (product.md 1.2 "Owners", section 4). */
@QuarkusTest
@QuarkusTestResource(Servers.class)
class RightsTest {
    private static final String ALICE = "X-Test-Caller: alice acquires";
    private static final String BOB = "X-Test-Caller: bob acquires";
    private static final String READER = "X-Test-Caller: reader reads";
    private static final String ADMIN = "X-Test-Caller: admin administers";
    private static final String BOTH = "X-Test-Caller: both acquires administers";
    private static final String NOBODY = "X-Test-Caller: nobody";

    @TestHTTPResource("/")
    URI base;

    RawHttp http;
    String locks;
    String grant;

    @BeforeEach
    void aliceHoldsALock() {
        http = new RawHttp(base);
        locks = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        Answer taken = http.post(locks, lock("alice-pid", "0", "10"), ALICE);
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        grant = "/v1/files/locks/nlm/grants/" + taken.json().get("grant_id").textValue();
    }

    /** Without a permission there is 403, which names it. */
    @Test
    void missingPermissionsAreNamed() {
        denied(http.post(locks, lock("x", "50", "1"), READER), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.post(locks + "test", lock("x", "50", "1"), READER), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(
                http.post(locks + "batch", "{\"locks\":[" + lock("x", "50", "1") + "]}", ADMIN),
                "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(http.get(locks, ALICE), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get(locks + "count?by=mode", ALICE), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/locks/nlm/byte-range/", BOB), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/locks/nlm/byte-range/waiters/", NOBODY), "PRIVILEGE_FS_LOCK_READ");
        denied(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", READER), "PRIVILEGE_FS_LOCK_ACQUIRE");
        denied(
                http.delete(locks + "?offset=0&size=0&owner_id=alice-pid&any_owner=true", BOB),
                "PRIVILEGE_FS_LOCK_WRITE");
        denied(http.get(grant, NOBODY), "PRIVILEGE_FS_LOCK_READ");
        denied(http.get("/v1/files/%2Funknown/locks/nlm/byte-range/", NOBODY), "PRIVILEGE_FS_LOCK_READ");
    }

    /** One's own locks can be listed without the permission to read others'. */
    @Test
    void mineNeedsNoReadPermission() {
        Answer mine = http.get(locks + "?mine=true", ALICE);

        assertThat(mine.json().get("grants")).hasSize(1);
        assertThat(mine.json().get("grants").get(0).has("fencing_token")).isTrue();
        assertThat(http.get(locks + "?mine=true", BOB).json().get("grants")).isEmpty();
    }

    /** Readers see whose a lock is, but tokens are shown to owners alone. */
    @Test
    void tokensAreForOwners() {
        JsonNode row = http.get(locks, READER).json().get("grants").get(0);

        assertThat(row.get("owner_id").textValue()).isEqualTo("alice-pid");
        assertThat(row.has("fencing_token")).isFalse();
        assertThat(http.get(grant, READER).json().has("fencing_token")).isFalse();
        assertThat(http.get(grant, ALICE).json().has("fencing_token")).isTrue();
    }

    /** A refusal tells a stranger what is held and for how long, not by whom. */
    @Test
    void refusalsDoNotTellWho() {
        Answer refused = http.post(locks, lock("bob-pid", "0", "20"), BOB);
        JsonNode blocker = refused.json().get("conflict").get("blockers").get(0);

        assertThat(refused.status()).isEqualTo(409);
        assertThat(blocker.get("size").textValue()).isEqualTo("10");
        assertThat(blocker.properties()).noneMatch(field -> field.getKey().startsWith("owner"));
        assertThat(blocker.has("grant_id")).isFalse();
        JsonNode tested = http.post(locks + "test", lock("bob-pid", "0", "20"), BOB)
                .json()
                .get("grants")
                .get(0);
        assertThat(tested.properties())
                .noneMatch(field -> field.getKey().startsWith("owner")
                        || field.getKey().equals("fencing_token")
                        || field.getKey().equals("client_id"));
    }

    /** An id is no capability: others' grants do not exist for those who may not see or free them. */
    @Test
    void idsAreNoCapabilities() {
        assertThat(http.get(grant, BOB).status()).isEqualTo(404);
        assertThat(http.delete(grant, BOB).status()).isEqualTo(404);
        assertThat(http.post(grant + "/renew", "{\"lease_ms\":5000}", BOB).status())
                .isEqualTo(404);
        assertThat(http.delete(grant, READER).status()).isEqualTo(403);
        assertThat(http.get(grant, READER).status()).isEqualTo(200);
        assertThat(http.delete(grant, ADMIN).status()).isEqualTo(200);
        assertThat(http.get(grant, ALICE).status()).isEqualTo(404);
    }

    /** An ordinary release touches the caller's own principal only, whatever owner_id it names. */
    @Test
    void ordinaryReleasesAreForOnesOwn() {
        for (String caller : new String[] {BOB, BOTH}) {
            assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", caller)
                            .status())
                    .isEqualTo(200);
            assertThat(http.get(locks, READER).json().get("grants")).hasSize(1);
        }
        assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid&any_owner=true", BOTH)
                        .status())
                .isEqualTo(200);
        assertThat(http.get(locks, READER).json().get("grants")).isEmpty();
    }

    /** Who holds only the administrative permission frees by owner_id alone, whosever it is. */
    @Test
    void administratorsReleaseByOwnerId() {
        assertThat(http.delete(locks + "?offset=0&size=0&owner_id=alice-pid", ADMIN)
                        .status())
                .isEqualTo(200);
        assertThat(http.get(locks, READER).json().get("grants")).isEmpty();
    }

    /** Without owner_name a release frees for every name under the owner_id, with it for that one. */
    @Test
    void ownerNameNarrowsARelease() {
        http.post(locks, lock("pid", "100", "1").replace("}", ",\"owner_name\":\"a\"}"), ALICE);
        http.post(locks, lock("pid", "200", "1").replace("}", ",\"owner_name\":\"b\"}"), ALICE);

        http.delete(locks + "?offset=0&size=0&owner_id=pid&owner_name=a", ALICE);
        assertThat(http.get(locks + "?owner_id=pid", READER).json().get("grants"))
                .hasSize(1);
        http.delete(locks + "?offset=0&size=0&owner_id=pid", ALICE);
        assertThat(http.get(locks + "?owner_id=pid", READER).json().get("grants"))
                .isEmpty();
    }

    /** A release by client is bound to one's own in the same way. */
    @Test
    void releaseByClientFollowsTheSameRule() {
        String machine = "machine" + locks.hashCode();
        String target = "/v1/files/locks/nlm/byte-range/?owner_name=" + machine;
        http.post(locks, lock("pid", "100", "1").replace("}", ",\"owner_name\":\"" + machine + "\"}"), ALICE);

        denied(http.delete(target, READER), "PRIVILEGE_FS_LOCK_ACQUIRE");
        assertThat(http.delete(target, BOTH).status()).isEqualTo(200);
        assertThat(http.get(target, READER).json().get("grants")).hasSize(1);
        assertThat(http.delete(target, ADMIN).status()).isEqualTo(200);
        assertThat(http.get(target, READER).json().get("grants")).isEmpty();
    }

    private static String lock(String owner, String offset, String size) {
        return "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"" + offset + "\",\"size\":\"" + size
                + "\",\"owner_id\":\"" + owner + "\"}";
    }

    private static void denied(Answer answer, String permission) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo("http_unauthorized_error");
        assertThat(answer.json().get("description").textValue()).contains(permission);
    }
}
