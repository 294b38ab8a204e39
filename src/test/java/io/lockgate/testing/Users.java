package io.lockgate.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;

/** Users for tests, straight into the table. */
public final class Users {
    private Users() {}

    public static long make(DataSource database) {
        return make(database, "user-" + UUID.randomUUID());
    }

    public static long make(DataSource database, String name) {
        return number(
                database, "INSERT INTO users (username, password_hash) VALUES ('" + name + "', '-') RETURNING id");
    }

    /** The one number that {@code sql} answers. */
    public static long number(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void execute(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
