package io.lockgate.testing;

import javax.sql.DataSource;

/** Makes every change of a table fail in the database, until it is closed. */
public final class FailingTable implements AutoCloseable {
    private final DataSource database;
    private final String table;

    public FailingTable(DataSource database, String table) {
        this.database = database;
        this.table = table;
        Users.execute(database, """
                CREATE OR REPLACE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'sabotage' USING ERRCODE = '22000'; END $$;
                CREATE TRIGGER sabotage BEFORE INSERT OR UPDATE OR DELETE ON %s
                FOR EACH ROW EXECUTE FUNCTION sabotage()
                """.formatted(table));
    }

    @Override
    public void close() {
        Users.execute(database, "DROP TRIGGER sabotage ON " + table);
    }
}
