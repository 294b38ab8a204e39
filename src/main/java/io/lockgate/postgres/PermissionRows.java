package io.lockgate.postgres;

import io.lockgate.identity.Permission;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.List;

/** Permissions as one JSON text, {@code [["name","scope"],…]}: one parameter and one column, however many there are. */
final class PermissionRows {
    private PermissionRows() {}

    static String text(List<Permission> permissions) {
        JsonArray all = new JsonArray();
        permissions.forEach(held -> all.add(new JsonArray().add(held.name()).add(held.scope())));
        return all.encode();
    }

    static List<Permission> parse(String text) {
        List<Permission> permissions = new ArrayList<>();
        for (Object pair : new JsonArray(text)) {
            JsonArray columns = (JsonArray) pair;
            permissions.add(new Permission(columns.getString(0), columns.getString(1)));
        }
        return permissions;
    }
}
