package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Users in a map, one call at a time; it can be down. */
public final class InMemoryUserStore implements UserStore {
    private final TreeMap<Long, Credentials> users = new TreeMap<>();
    private long lastId;
    private volatile boolean down;

    void setDown(boolean down) {
        this.down = down;
    }

    @Override
    public Uni<Creation> create(NewUser user) {
        return alone(() -> make(user).<Creation>map(Creation.Created::new).orElseGet(Creation.Taken::new));
    }

    @Override
    public Uni<Optional<User>> createFirst(NewUser user) {
        return alone(() -> users.isEmpty() ? make(user) : Optional.empty());
    }

    @Override
    public Uni<Optional<Credentials>> findByName(String username) {
        return alone(() -> one(found -> found.user().username().equals(username)));
    }

    @Override
    public Uni<Optional<User>> findByEmail(String email) {
        return alone(() ->
                one(found -> found.user().email().equals(Optional.of(email))).map(Credentials::user));
    }

    @Override
    public Uni<Optional<User>> find(long id) {
        return alone(() -> Optional.ofNullable(users.get(id)).map(Credentials::user));
    }

    @Override
    public Uni<List<User>> list(long after, int limit) {
        return alone(() -> users.tailMap(after, false).values().stream()
                .limit(limit)
                .map(Credentials::user)
                .toList());
    }

    @Override
    public Uni<Changing> change(long id, Change change) {
        return alone(() -> {
            Credentials old = users.get(id);
            if (old == null) {
                return new Changing.NoSuchUser();
            }
            if (change.email().isPresent()
                    && one(other -> other.user().id() != id
                                    && other.user().email().equals(change.email()))
                            .isPresent()) {
                return new Changing.Taken();
            }
            User user = new User(
                    id,
                    old.user().username(),
                    change.email().or(old.user()::email),
                    change.permissions().orElse(old.user().permissions()));
            users.put(id, new Credentials(user, change.passwordHash().orElse(old.passwordHash())));
            return new Changing.Changed(user);
        });
    }

    @Override
    public Uni<Boolean> delete(long id) {
        return alone(() -> users.remove(id) != null);
    }

    private Optional<User> make(NewUser made) {
        boolean taken = one(other -> other.user().username().equals(made.username())
                        || (made.email().isPresent() && other.user().email().equals(made.email())))
                .isPresent();
        if (taken) {
            return Optional.empty();
        }
        User user = new User(++lastId, made.username(), made.email(), made.permissions());
        users.put(user.id(), new Credentials(user, made.passwordHash()));
        return Optional.of(user);
    }

    private Optional<Credentials> one(Predicate<Credentials> wanted) {
        return users.values().stream().filter(wanted).findFirst();
    }

    private <T> Uni<T> alone(Supplier<T> work) {
        return Uni.createFrom().item(() -> {
            if (down) {
                throw new IdentityUnavailableException("down");
            }
            synchronized (users) {
                return work.get();
            }
        });
    }
}
