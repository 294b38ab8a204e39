package io.lockgate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.RawHttp.Answer;
import java.util.UUID;

/** Makes users and tokens over HTTP. */
public final class Accounts {
    private final RawHttp http;

    public Accounts(RawHttp http) {
        this.http = http;
    }

    /** A user, as made here; the name is also the password. */
    public record Account(String id, String name) {}

    /** A new user with those permissions (JSON). */
    public Account make(String... permissions) {
        String name = "user-" + UUID.randomUUID();
        return new Account(create(name, permissions), name);
    }

    /** The header by which {@code account} enters the admin door. */
    public String bearer(Account account) {
        return "Authorization: Bearer " + token(account.name(), "bearer");
    }

    /** The header by which {@code account} enters the courses door. */
    public String sid(Account account) {
        return "SID: " + token(account.name(), "sid");
    }

    /** Deletes it; its tokens stay. */
    public void delete(Account account) {
        assertThat(http.delete("/admin/users/" + account.id()).status()).isEqualTo(200);
    }

    /** Permission {@code name} held for {@code scope} only, as JSON. */
    public static String scoped(String name, String scope) {
        return "{\"permission\":\"" + name + "\",\"scope\":\"" + scope + "\"}";
    }

    /** A new user with those permissions (JSON, comma-separated); answers its name, which is also its password. */
    public String user(String... permissions) {
        String name = "user-" + UUID.randomUUID();
        create(name, permissions);
        return name;
    }

    /** Its id. */
    public String create(String name, String... permissions) {
        Answer answer = http.post(
                "/admin/users",
                "{\"username\":\"" + name + "\",\"password\":\"" + name + "\",\"email\":\"" + name
                        + "@example.org\",\"permissions\":[" + String.join(",", permissions) + "]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().get("id").textValue();
    }

    public JsonNode made(String user, String kind, String more) {
        Answer answer =
                http.post("/admin/tokens", "{\"username\":\"" + user + "\",\"kind\":\"" + kind + "\"" + more + "}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json();
    }

    public String token(String user, String kind) {
        return made(user, kind, "").get("token").textValue();
    }
}
