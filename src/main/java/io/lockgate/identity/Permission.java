package io.lockgate.identity;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a user may do, and where (docs/identity.md).
 *
 * @param name one of the constants here, or any other {@code PRIVILEGE_…}, which old clients look for and nothing here
 *     does
 * @param scope where it holds: by permission a path prefix or file id, a route, a course, a provider; empty is
 *     everywhere
 */
public record Permission(String name, String scope) {
    public static final String LOCK_ACQUIRE = "PRIVILEGE_FS_LOCK_ACQUIRE";
    public static final String LOCK_READ = "PRIVILEGE_FS_LOCK_READ";
    public static final String LOCK_WRITE = "PRIVILEGE_FS_LOCK_WRITE";
    public static final String SET_OWNER_ADDRESS = "set-owner-address";
    public static final String READ_DISTRIBUTION = "read-distribution";
    public static final String REPORT_DISTRIBUTION = "report-distribution";
    public static final String REPORT_ANY_DISTRIBUTION = "report-any-distribution";
    public static final String MANAGE_LOCKS = "manage-locks";
    public static final String FORCE_LOCKS = "force-locks";
    public static final String READ_AUDIT = "read-audit";
    public static final String MANAGE_USERS = "manage-users";
    public static final String EDIT_COURSE = "edit-course";
    public static final String MANAGE_CATALOG = "manage-catalog";

    /** Every permission that means something here; an administrator of the first start holds them all. */
    public static final Set<String> ALL = Set.of(
            LOCK_ACQUIRE,
            LOCK_READ,
            LOCK_WRITE,
            SET_OWNER_ADDRESS,
            READ_DISTRIBUTION,
            REPORT_DISTRIBUTION,
            REPORT_ANY_DISTRIBUTION,
            MANAGE_LOCKS,
            FORCE_LOCKS,
            READ_AUDIT,
            MANAGE_USERS,
            EDIT_COURSE,
            MANAGE_CATALOG);

    /** Longest scope, in bytes of UTF-8: half as long as a path may be, for the store keeps scopes in an index. */
    public static final int MAX_SCOPE_BYTES = 2_048;

    private static final Pattern FOREIGN = Pattern.compile("PRIVILEGE_[A-Z0-9_]{1,100}");

    /**
     * @throws IllegalArgumentException when nothing is called so, or the scope is too long
     */
    public Permission {
        if (!ALL.contains(name) && !FOREIGN.matcher(name).matches()) {
            throw new IllegalArgumentException("no such permission");
        }
        if (scope.getBytes(StandardCharsets.UTF_8).length > MAX_SCOPE_BYTES || scope.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the scope is too long or holds a NUL");
        }
    }

    /** The permission {@code name} everywhere. */
    public static Permission everywhere(String name) {
        return new Permission(name, "");
    }

    /**
     * Whether it holds for {@code target}. A scope that begins with a slash is a path and holds for what lies under it,
     * byte for byte, whole segments only; any other scope holds for what is called exactly so.
     */
    public boolean holdsFor(String target) {
        if (scope.isEmpty() || scope.equals(target)) {
            return true;
        }
        return scope.startsWith("/")
                && target.startsWith(scope)
                && (scope.endsWith("/") || target.charAt(scope.length()) == '/');
    }
}
