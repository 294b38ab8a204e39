package io.lockgate.api.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.Accounts;
import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An address is one machine, however it is spelled, wherever it comes in. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class AddressesTest {
    @TestHTTPResource("/")
    URI base;

    RawHttp http;
    String locks;

    /** An address that no other test knows, in two spellings. */
    String address;

    String spelling;

    @BeforeEach
    void client() {
        http = new RawHttp(base);
        locks = "/v1/files/" + ThreadLocalRandom.current().nextLong(1, 1L << 61) + "/locks/nlm/byte-range/";
        int number = ThreadLocalRandom.current().nextInt(0x1000, 0x10000);
        int another = ThreadLocalRandom.current().nextInt(0x1000, 0x10000);
        address = "2001:db8:%x:%x::7".formatted(number, another);
        spelling = "2001:DB8:%X:%X:0:0:0:7".formatted(number, another);
    }

    @DisplayName("An owner_address is stored and shown in its canonical text, by acquire, batch and test alike")
    @Test
    void storedInOneText() {
        Answer taken = http.post(locks, lock(0, spelling));
        assertThat(taken.status()).as(taken.text()).isEqualTo(200);
        assertThat(taken.json().get("owner_address").textValue()).isEqualTo(address);
        JsonNode batch = http.post(
                        locks + "batch", JsonText.object("locks", List.of(JsonText.raw(lock(100, spelling)))))
                .json();
        assertThat(batch.get("grants").get(0).get("owner_address").textValue()).isEqualTo(address);
        assertThat(http.post(locks, lock(200, "::ffff:10.1.2.3"))
                        .json()
                        .get("owner_address")
                        .textValue())
                .isEqualTo("10.1.2.3");
        assertThat(http.post(locks + "test", lock(300, spelling)).status()).isEqualTo(200);
    }

    @DisplayName("Lists, counts and a release by client find an address in any spelling")
    @Test
    void foundInAnySpelling() {
        http.post(locks, lock(0, spelling));
        http.post(locks, lock(100, address));
        for (String asked : List.of(address, spelling, address.replace("::", "::0:0:"))) {
            String filter = "?owner_address=" + asked;
            assertThat(http.get("/v1/files/locks/nlm/byte-range/" + filter)
                            .json()
                            .get("grants"))
                    .hasSize(2);
            assertThat(http.get(locks + filter).json().get("grants")).hasSize(2);
            assertThat(http.get("/v1/files/locks/nlm/byte-range/count" + filter + "&by=owner_address")
                            .text())
                    .contains(JsonText.object("key", address, "count", 2));
        }
        assertThat(http.get(locks + "?owner_address=" + spelling)
                        .json()
                        .get("paging")
                        .get("next")
                        .textValue())
                .contains("owner_address=" + address.replace(":", "%3A"));

        assertThat(http.delete("/v1/files/locks/nlm/byte-range/?any_owner=true&owner_address=" + spelling)
                        .status())
                .isEqualTo(200);
        assertThat(http.get(locks).json().get("grants")).isEmpty();
    }

    @DisplayName("Callers may name their own address in another spelling without a permission")
    @Test
    void onesOwn() {
        Accounts accounts = new Accounts(http);
        String me = accounts.bearer(accounts.make("PRIVILEGE_FS_LOCK_ACQUIRE"));

        Answer own = http.post(locks, lock(0, "::ffff:127.0.0.1"), me);
        assertThat(own.status()).as(own.text()).isEqualTo(200);
        assertThat(own.json().get("owner_address").textValue()).isEqualTo("127.0.0.1");
        assertThat(http.post(locks, lock(100, "127.0.0.2"), me).status()).isEqualTo(403);
    }

    @DisplayName("A text that is no strict address is 400 in every call, names the field, and stores nothing")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "10.1",
                "010.0.0.1",
                "10.0.0.256",
                "10.0.0.1.",
                "10.0.0.1:80",
                "10.0.0.1/24",
                "0x7f.0.0.1",
                "localhost",
                "fe80::1%eth0",
                "fe80::1%251",
                "[::1]",
                "::1::",
                "1:2:3",
                "00001::",
                ":::",
                " 10.0.0.1",
                "::ffff:10.0.0.01",
                "\u0661.1.1.1"
            })
    void strict(String text) {
        refused(http.post(locks, lock(0, text)), "'owner_address'");
        refused(http.post(locks + "test", lock(0, text)), "'owner_address'");
        refused(
                http.post(locks + "batch", JsonText.object("locks", List.of(JsonText.raw(lock(0, text))))),
                "'locks[0].owner_address'");
        String query = "owner_address=" + io.lockgate.http.Percent.encode(text);
        refused(http.get("/v1/files/locks/nlm/byte-range/?" + query), "'owner_address'");
        refused(http.get(locks + "?" + query), "'owner_address'");
        refused(http.get(locks + "count?by=file&" + query), "'owner_address'");
        refused(http.get("/v1/files/locks/nlm/byte-range/count?by=file&" + query), "'owner_address'");
        refused(http.get("/v1/files/locks/nlm/byte-range/waiters/?" + query), "'owner_address'");
        refused(http.get("/v1/files/locks/smb/share-mode/?" + query), "'owner_address'");
        refused(http.delete("/v1/files/locks/nlm/byte-range/?" + query), "'owner_address'");
        assertThat(http.get(locks).json().get("grants")).isEmpty();
    }

    @DisplayName("A reverse look-up returns each address as requested, and an invalid address as ERROR")
    @Test
    void lookUps() {
        JsonNode rows = http.post(
                        "/v1/dns/resolve-ips-to-names",
                        JsonText.value(
                                List.of("127.0.0.1", "::ffff:127.0.0.1", "0127.0.0.1", "1", "localhost", "::1%lo")))
                .json();

        assertThat(rows).hasSize(6);
        assertThat(rows.get(1).get("ip_address").textValue()).isEqualTo("::ffff:127.0.0.1");
        assertThat(rows.get(1).get("result")).isEqualTo(rows.get(0).get("result"));
        assertThat(rows.get(1).get("hostname")).isEqualTo(rows.get(0).get("hostname"));
        for (int i = 2; i < 6; i++) {
            assertThat(rows.get(i).get("result").textValue()).isEqualTo("ERROR");
        }
    }

    private static void refused(Answer answer, String field) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        FilesApiTest.assertErrorShape(answer);
        assertThat(answer.json().get("error_class").textValue()).isEqualTo("decode_error");
        assertThat(answer.json().get("description").textValue()).contains(field);
    }

    private static String lock(int offset, String address) {
        return JsonText.object(
                "mode",
                List.of("API_BYTE_RANGE_EXCLUSIVE"),
                "offset",
                String.valueOf(offset),
                "size",
                "5",
                "owner_id",
                "o",
                "owner_address",
                address);
    }
}
