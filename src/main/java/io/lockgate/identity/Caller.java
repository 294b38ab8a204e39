package io.lockgate.identity;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * The authenticated caller of a request, as the store of identities knows them: the one type of this kind, which every
 * use case takes.
 *
 * @param principal the user's name; of a partner key the name of the user it was made for
 * @param userId id of that user
 * @param kind of the token shown
 * @param tokenId id of that token, or {@link #NO_TOKEN}
 * @param exists false when the user was deleted since: the token is good, but nobody's, and permits nothing
 * @param confirmed false when the store could not be asked and this is what it said some minutes ago, which is good for
 *     what releases or renews one's own locks and for nothing else (docs/identity.md)
 */
public record Caller(
        String principal,
        long userId,
        TokenKind kind,
        long tokenId,
        boolean exists,
        boolean confirmed,
        List<Permission> permissions) {
    /** Of a credential that the store keeps no token for. */
    public static final long NO_TOKEN = 0;

    public Caller {
        permissions = List.copyOf(permissions);
    }

    /** Holds {@code permission} without a bound. */
    public boolean may(String permission) {
        for (Permission held : permissions) {
            if (held.scope().isEmpty() && held.name().equals(permission)) {
                return true;
            }
        }
        return false;
    }

    /** Holds {@code permission} for {@code target}: a path, a file id, a route, a course, a provider. */
    public boolean may(String permission, String target) {
        for (Permission held : permissions) {
            if (held.name().equals(permission) && held.holdsFor(target)) {
                return true;
            }
        }
        return false;
    }

    /** Holds {@code permission} for what is called exactly {@code name}, or everywhere. */
    public boolean mayExactly(String permission, String name) {
        for (Permission held : permissions) {
            if (held.name().equals(permission)
                    && (held.scope().isEmpty() || held.scope().equals(name))) {
                return true;
            }
        }
        return false;
    }

    /** Holds {@code permission} at least somewhere. */
    public boolean maySomewhere(String permission) {
        for (Permission held : permissions) {
            if (held.name().equals(permission)) {
                return true;
            }
        }
        return false;
    }

    /** Where {@code permission} holds: the scopes it is held with; one that is empty is everywhere. */
    public Set<String> scopesOf(String permission) {
        TreeSet<String> scopes = new TreeSet<>();
        for (Permission held : permissions) {
            if (held.name().equals(permission)) {
                scopes.add(held.scope());
            }
        }
        return scopes;
    }

    /** Names of all permissions held, wherever they hold, each once, in order. */
    public List<String> permissionNames() {
        TreeSet<String> names = new TreeSet<>();
        permissions.forEach(held -> names.add(held.name()));
        return List.copyOf(names);
    }

    /** The user, if this is a user and not a partner key, and still there. */
    public OptionalLong user() {
        return exists && kind != TokenKind.PARTNER ? OptionalLong.of(userId) : OptionalLong.empty();
    }

    /**
     * This caller, when the store has confirmed them.
     *
     * @throws IdentityUnavailableException when they are only remembered
     */
    public Caller requireConfirmed() {
        if (!confirmed) {
            throw new IdentityUnavailableException("the identity is only remembered");
        }
        return this;
    }

    /**
     * This caller, when they hold {@code permission} everywhere.
     *
     * @throws NotPermittedException when they do not
     */
    public Caller require(String permission) {
        if (!may(permission)) {
            throw new NotPermittedException(permission);
        }
        return this;
    }

    Caller unconfirmed() {
        return new Caller(principal, userId, kind, tokenId, exists, false, permissions);
    }
}
