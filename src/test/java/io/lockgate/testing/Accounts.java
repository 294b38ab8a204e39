package io.lockgate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockgate.testing.RawHttp.Answer;
import java.util.List;
import java.util.UUID;

/** Makes users and tokens over HTTP. */
public final class Accounts {
    private final RawHttp http;

    public Accounts(RawHttp http) {
        this.http = http;
    }

    /** A user, as made here; the name is also the password. */
    public record Account(String id, String name) {}

    /** A new user with those permissions: names, or {@link #scoped}. */
    public Account make(Object... permissions) {
        String name = "user-" + UUID.randomUUID();
        return new Account(create(name, permissions), name);
    }

    /** The header by which {@code account} uses the admin API. */
    public String bearer(Account account) {
        return "Authorization: Bearer " + token(account.name(), "bearer");
    }

    /** The header by which {@code account} uses the courses API. */
    public String sid(Account account) {
        return "SID: " + token(account.name(), "sid");
    }

    /** Deletes it; its tokens stay. */
    public void delete(Account account) {
        assertThat(http.delete("/admin/users/" + account.id()).status()).isEqualTo(200);
    }

    /** Permission {@code name} held for {@code scope} only. */
    public static JsonText.Raw scoped(String name, String scope) {
        return JsonText.nested("permission", name, "scope", scope);
    }

    /** A new user with those permissions; answers its name, which is also its password. */
    public String user(Object... permissions) {
        String name = "user-" + UUID.randomUUID();
        create(name, permissions);
        return name;
    }

    /** Its id. */
    public String create(String name, Object... permissions) {
        Answer answer = http.post(
                "/admin/users",
                JsonText.object(
                        "username",
                        name,
                        "password",
                        name,
                        "email",
                        name + "@example.org",
                        "permissions",
                        List.of(permissions)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json().get("id").textValue();
    }

    /** A new token of that kind, with {@code more} fields in its request, in turn names and values. */
    public JsonNode made(String user, String kind, Object... more) {
        Answer answer =
                http.post("/admin/tokens", JsonText.with(JsonText.object("username", user, "kind", kind), more));
        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        return answer.json();
    }

    public String token(String user, String kind) {
        return made(user, kind).get("token").textValue();
    }
}
