package io.lockgate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.identity.UserStore.Change;
import io.lockgate.identity.UserStore.Changing;
import io.lockgate.identity.UserStore.Creation;
import io.lockgate.identity.UserStore.NewUser;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store of users promises. Each test has users of its own. */
public abstract class UserStoreContract {
    private static final Permission MANAGE = Permission.everywhere(Permission.MANAGE_LOCKS);
    private static final Permission SCOPED = new Permission(Permission.FORCE_LOCKS, "volume");

    protected abstract UserStore store();

    private static <T> T await(Uni<T> answer) {
        return answer.await().atMost(Duration.ofSeconds(10));
    }

    private static String name() {
        return "contract-" + UUID.randomUUID();
    }

    private User made(String name, Permission... permissions) {
        Creation made = await(store().create(
                        new NewUser(name, Optional.of(name + "@example.org"), "hash-" + name, List.of(permissions))));
        assertThat(made).isInstanceOf(Creation.Created.class);
        return ((Creation.Created) made).user();
    }

    private static Change email(String email) {
        return new Change(Optional.of(email), Optional.empty(), Optional.empty());
    }

    @Test
    @DisplayName("A user is found by id, name and email address as created; the hash is returned by name only")
    void isFound() {
        String name = name();
        User user = made(name, SCOPED, MANAGE);
        assertThat(user.username()).isEqualTo(name);
        assertThat(await(store().find(user.id()))).contains(user);
        assertThat(await(store().findByEmail(name + "@example.org"))).contains(user);
        UserStore.Credentials credentials = await(store().findByName(name)).orElseThrow();
        assertThat(credentials.user()).isEqualTo(user);
        assertThat(credentials.user().permissions()).containsExactlyInAnyOrder(MANAGE, SCOPED);
        assertThat(credentials.passwordHash()).isEqualTo("hash-" + name);
        assertThat(await(store().findByName(name.toUpperCase(java.util.Locale.ROOT))))
                .isEmpty();
        assertThat(await(store().find(Long.MAX_VALUE))).isEmpty();
    }

    @Test
    @DisplayName("No two users share a name or an address, and nothing of the second is stored")
    void namesAndAddressesAreTaken() {
        String name = name();
        made(name);
        assertThat(await(store().create(new NewUser(name, Optional.empty(), "h", List.of()))))
                .isInstanceOf(Creation.Taken.class);
        String other = name();
        assertThat(await(store().create(new NewUser(other, Optional.of(name + "@example.org"), "h", List.of()))))
                .isInstanceOf(Creation.Taken.class);
        assertThat(await(store().findByName(other))).isEmpty();
    }

    @Test
    @DisplayName("The first user is created only if there is none")
    void firstOnlyOnce() {
        made(name());
        assertThat(await(store().createFirst(new NewUser(name(), Optional.empty(), "h", List.of()))))
                .isEmpty();
    }

    @Test
    @DisplayName("Lists are ordered by id and show each user once, page by page")
    void listsById() {
        User first = made(name());
        User second = made(name(), MANAGE);
        User third = made(name());
        List<User> page = await(store().list(first.id() - 1, 2));
        assertThat(page).startsWith(first).hasSize(2);
        assertThat(await(store().list(second.id() - 1, 100)))
                .contains(second, third)
                .doesNotContain(first);
        assertThat(await(store().list(Long.MAX_VALUE, 10))).isEmpty();
    }

    @Test
    @DisplayName("A change affects the named fields and nothing else")
    void changes() {
        String name = name();
        User user = made(name, MANAGE);
        Changing permitted = await(store().change(
                        user.id(), new Change(Optional.empty(), Optional.empty(), Optional.of(List.of(SCOPED)))));
        assertThat(permitted).isInstanceOf(Changing.Changed.class);
        assertThat(((Changing.Changed) permitted).user().permissions()).containsExactly(SCOPED);
        assertThat(((Changing.Changed) permitted).user().email()).contains(name + "@example.org");

        await(store().change(user.id(), new Change(Optional.empty(), Optional.of("new"), Optional.empty())));
        assertThat(await(store().findByName(name)).orElseThrow().passwordHash()).isEqualTo("new");

        await(store().change(user.id(), email("moved-" + name)));
        assertThat(await(store().findByEmail(name + "@example.org"))).isEmpty();
        assertThat(await(store().findByEmail("moved-" + name)).map(User::id)).contains(user.id());
        assertThat(await(store().find(user.id())).orElseThrow().permissions()).containsExactly(SCOPED);
        assertThat(await(store().change(Long.MAX_VALUE, email("x" + name)))).isInstanceOf(Changing.NoSuchUser.class);
    }

    @Test
    @DisplayName("An address of another user cannot be set; the user's own can be set again")
    void changeTaken() {
        User one = made(name());
        User two = made(name());
        assertThat(await(store().change(two.id(), email(one.email().orElseThrow()))))
                .isInstanceOf(Changing.Taken.class);
        assertThat(await(store().find(two.id())).orElseThrow().email()).isEqualTo(two.email());
        assertThat(await(store().change(two.id(), email(two.email().orElseThrow()))))
                .isInstanceOf(Changing.Changed.class);
    }

    @Test
    @DisplayName("Of many who want one address at the same moment exactly one gets it, and the others are told")
    void oneWinsTheAddress() {
        List<User> users = Stream.generate(UserStoreContract::name)
                .limit(8)
                .map(name -> made(name))
                .toList();
        for (int round = 0; round < 50; round++) {
            String wanted = name();
            List<Uni<Changing>> attempts = users.stream()
                    .map(user -> store().change(user.id(), email(wanted)))
                    .toList();
            List<Changing> outcomes = await(Uni.join().all(attempts).andFailFast());
            assertThat(outcomes)
                    .filteredOn(outcome -> outcome instanceof Changing.Changed)
                    .hasSize(1);
            assertThat(outcomes)
                    .filteredOn(outcome -> outcome instanceof Changing.Taken)
                    .hasSize(users.size() - 1);
        }
    }

    @Test
    @DisplayName("A deleted user is gone, and is deleted once")
    void deletes() {
        String name = name();
        User user = made(name, MANAGE);
        assertThat(await(store().delete(user.id()))).isTrue();
        assertThat(await(store().delete(user.id()))).isFalse();
        assertThat(await(store().find(user.id()))).isEmpty();
        assertThat(await(store().findByName(name))).isEmpty();
        assertThat(made(name).id()).isNotEqualTo(user.id());
    }
}
