package io.lockgate.api.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.testing.JsonText;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import io.lockgate.testing.Servers;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The machine's language changes no byte that clients see. {@code LogIT} asks what is shipped. */
@QuarkusTest
@QuarkusTestResource(Servers.class)
@Tag("slow")
class LocaleTest {
    private static final Locale BEFORE = Locale.getDefault();

    @TestHTTPResource("/")
    URI base;

    @AfterEach
    void back() {
        Locale.setDefault(BEFORE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "ar-EG-u-nu-arab", "fa-IR", "th", "th-TH-u-nu-thai", "tr-TR", "de-DE"})
    @DisplayName("Headers and bodies have ASCII digits in every locale")
    void digits(String locale) {
        RawHttp http = new RawHttp(base);
        String token = http.token();
        Locale.setDefault(Locale.forLanguageTag(locale));
        Answer login = RawHttp.anonymous(base)
                .post("/auth/login", JsonText.object("username", "dev", "password", RawHttp.PASSWORD));
        assertThat(login.header("set-cookie").orElseThrow()).contains("; Max-Age=2592000; HttpOnly");
        Answer logout = http.send(
                "POST",
                "/auth/logout",
                null,
                "Authorization: Bearer " + login.json().get("accessToken").textValue());
        assertThat(logout.header("set-cookie").orElseThrow()).contains("; Max-Age=0; HttpOnly");
        Answer lock = http.post(
                "/v1/files/" + (locale.hashCode() & Integer.MAX_VALUE) + "/locks/nlm/byte-range/",
                """
                {"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"10","owner_id":"i",\
                "lease_ms":5000}""",
                "Authorization: Bearer " + token);
        assertThat(lock.status()).isEqualTo(200);
        assertThat(lock.text()).matches("[\\x20-\\x7E]+");
        assertThat(lock.json().get("grant_id").textValue()).matches("[0-9]+-[0-9a-f]{16}");
        assertThat(http.get("/v1/files/1/locks/nlm/byte-range/?limit=0").text()).matches("[\\x20-\\x7E]+");
        assertThat(http.get("/v1/files/%2Fa%0A/locks/nlm/byte-range/").text()).matches("[\\x20-\\x7E]+");
    }
}
