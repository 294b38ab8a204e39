package io.lockgate.door.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.RawHttp;
import io.lockgate.testing.RawHttp.Answer;
import java.util.UUID;

/** Makes users and tokens over HTTP. */
final class Accounts {
    private final RawHttp http;

    Accounts(RawHttp http) {
        this.http = http;
    }

    /** A new user with those permissions (JSON, comma-separated); answers its name, which is also its password. */
    String user(String... permissions) {
        String name = "user-" + UUID.randomUUID();
        create(name, permissions);
        return name;
    }

    /** Its id. */
    String create(String name, String... permissions) {
        Answer answer = http.post(
                "/admin/users",
                "{\"username\":\"" + name + "\",\"password\":\"" + name + "\",\"email\":\"" + name
                        + "@example.org\",\"permissions\":[" + String.join(",", permissions) + "]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().get("id").textValue();
    }

    JsonNode made(String user, String kind, String more) {
        Answer answer =
                http.post("/admin/tokens", "{\"username\":\"" + user + "\",\"kind\":\"" + kind + "\"" + more + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json();
    }

    String token(String user, String kind) {
        return made(user, kind, "").get("token").textValue();
    }
}
