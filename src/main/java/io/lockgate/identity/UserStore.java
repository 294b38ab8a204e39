package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;

/**
 * The port for users. Every method fails with {@link IdentityUnavailableException} when the store does not answer;
 * every change is one atomic step.
 */
public interface UserStore {
    /** A user as made or changed. */
    record Credentials(User user, String passwordHash) {}

    /**
     * A new user.
     *
     * @param passwordHash as {@link Passwords} makes it
     */
    record NewUser(String username, Optional<String> email, String passwordHash, List<Permission> permissions) {}

    /** The fields to change; an empty one stays as it is. */
    record Change(Optional<String> email, Optional<String> passwordHash, Optional<List<Permission>> permissions) {}

    /** The outcome of creating a user. */
    sealed interface Creation {
        record Created(User user) implements Creation {}

        /** Somebody has that name or address already. */
        record Taken() implements Creation {}
    }

    /** The outcome of changing a user. */
    sealed interface Changing {
        record Changed(User user) implements Changing {}

        record NoSuchUser() implements Changing {}

        /** Somebody else has that address already. */
        record Taken() implements Changing {}
    }

    Uni<Creation> create(NewUser user);

    /** As {@link #create}, but only when there is no user at all; of two at the same moment one at most succeeds. */
    Uni<Optional<User>> createFirst(NewUser user);

    Uni<Optional<Credentials>> findByName(String username);

    /** The user whom a signed token names as its subject: asked for in requests, so it does not wait behind logins. */
    default Uni<Optional<User>> findSubject(String username) {
        return findByName(username).map(found -> found.map(Credentials::user));
    }

    Uni<Optional<User>> findByEmail(String email);

    Uni<Optional<User>> find(long id);

    /** Users by ascending id, after {@code after}, at most {@code limit}. */
    Uni<List<User>> list(long after, int limit);

    /** A new password also revokes every token of the user but partner keys. */
    Uni<Changing> change(long id, Change change);

    /**
     * Takes the user out, with its permissions, route locks and course locks. Its tokens stay. False when there was
     * none.
     */
    Uni<Boolean> delete(long id);
}
