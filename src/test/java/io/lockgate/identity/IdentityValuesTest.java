package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Secrets, hashes, passwords, permissions and carriers. */
class IdentityValuesTest {
    private static final FairExecutor.Asker ANYBODY = new FairExecutor.Asker("10.0.0.1", "n", false);

    @Test
    @DisplayName("Tokens are 256 random bits in URL-safe text, and toString hides them")
    void secretsAreRandomAndSilent() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            TokenSecret secret = TokenSecret.draw(TokenSecret.SESSION);
            assertThat(secret.text()).matches("session-v1:[A-Za-z0-9_-]{43}");
            assertThat(seen.add(secret.text())).isTrue();
            assertThat(secret.toString()).doesNotContain(secret.text().substring(20));
            assertThat(secret.hash()).isEqualTo(TokenHash.of(secret.text()));
            assertThat(secret.hash().bytes()).hasSize(32);
        }
    }

    @Test
    @DisplayName("A password of any length matches itself alone; an unknown user costs the same work")
    void passwordsMatchThemselves() {
        try (Passwords passwords = new Passwords(4, 1, 16)) {
            for (String password : new String[] {"x", "pässwörd", "x".repeat(72), "x".repeat(1_024)}) {
                String hash = await(passwords.hash(password));
                assertThat(hash).matches("\\$2b\\$04\\$[./A-Za-z0-9]{53}");
                assertThat(await(passwords.verify(password, Optional.of(hash), ANYBODY)))
                        .isTrue();
                assertThat(await(passwords.verify(password + "y", Optional.of(hash), ANYBODY)))
                        .isFalse();
                assertThat(await(passwords.verify("", Optional.of(hash), ANYBODY)))
                        .isFalse();
                assertThat(await(passwords.verify(password, Optional.empty(), ANYBODY)))
                        .isFalse();
            }
        }
    }

    @Test
    @DisplayName("A name that the store cannot keep exactly, or would confuse with another, is invalid")
    void namesHaveAForm() {
        assertThat(IdentityService.isName("pod")).isTrue();
        assertThat(IdentityService.isName("\uD83D\uDE00")).isTrue();
        assertThat(IdentityService.isName("p\uD83D")).isFalse();
        assertThat(IdentityService.isName("\uDE00p")).isFalse();
        assertThat(IdentityService.isName("p\0")).isFalse();
        assertThat(IdentityService.isName("")).isFalse();
    }

    @Test
    @DisplayName("A path scope covers what lies under it, in whole segments")
    void scopesHold() {
        Permission data = new Permission(Permission.LOCK_ACQUIRE, "/data");
        assertThat(data.holdsFor("/data")).isTrue();
        assertThat(data.holdsFor("/data/a")).isTrue();
        assertThat(data.holdsFor("/database")).isFalse();
        assertThat(data.holdsFor("/")).isFalse();
        assertThat(data.holdsFor("7")).isFalse();
        assertThat(new Permission(Permission.LOCK_READ, "/").holdsFor("/a")).isTrue();
        assertThat(new Permission(Permission.LOCK_READ, "7").holdsFor("77")).isFalse();
        assertThat(new Permission(Permission.LOCK_READ, "7").holdsFor("7")).isTrue();
        assertThat(Permission.everywhere("PRIVILEGE_DNS_USE").holdsFor("/x")).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> Permission.everywhere("everything"));
    }

    private static <T> T await(io.smallrye.mutiny.Uni<T> answer) {
        return answer.await().atMost(Duration.ofSeconds(10));
    }
}
