package io.lockgate.identity;

import java.util.List;
import java.util.Optional;

/** A user, without the password. */
public record User(long id, String username, Optional<String> email, List<Permission> permissions) {
    public User {
        permissions = List.copyOf(permissions);
    }
}
