package io.lockgate.http;

import io.lockgate.identity.Caller;
import io.quarkus.security.credential.Credential;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import java.security.Permission;
import java.security.Principal;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link Caller} as Quarkus needs it. Its roles are the names of its permissions. */
record LockgateSecurityIdentity(Caller caller) implements SecurityIdentity {
    private record Name(String getName) implements Principal {
        @Override
        public String getName() {
            return getName;
        }
    }

    @Override
    public Principal getPrincipal() {
        return new Name(caller.principal());
    }

    @Override
    public boolean isAnonymous() {
        return false;
    }

    @Override
    public Set<String> getRoles() {
        return new LinkedHashSet<>(caller.permissionNames());
    }

    @Override
    public boolean hasRole(String role) {
        return caller.may(role);
    }

    @Override
    public <T extends Credential> @Nullable T getCredential(Class<T> type) {
        return null;
    }

    @Override
    public Set<Credential> getCredentials() {
        return Set.of();
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // As Quarkus declares it.
    public <T> @Nullable T getAttribute(String name) {
        return null;
    }

    @Override
    public Map<String, Object> getAttributes() {
        return Map.of();
    }

    @Override
    public Set<Permission> getPermissions() {
        return Set.of();
    }

    @Override
    public Uni<Boolean> checkPermission(Permission permission) {
        return Uni.createFrom().item(false);
    }
}
