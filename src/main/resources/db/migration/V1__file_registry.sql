-- The files that locks are taken on. Rows are never deleted, and id and path of a row never change.
CREATE TABLE files (
    -- An id is an unsigned 64-bit number: BIGINT ends at 2^63.
    id         NUMERIC(20) PRIMARY KEY CHECK (id BETWEEN 0 AND 18446744073709551615),
    -- Compared byte for byte, whatever the collation of the database is.
    path       TEXT COLLATE "C" NOT NULL CHECK (path LIKE '/_%'),
    kind       TEXT        NOT NULL CHECK (kind IN ('file', 'directory')),
    -- False while no acquire on a new path has succeeded: readers do not see it then.
    confirmed  BOOLEAN     NOT NULL,
    -- Rows are dated by Postgres' clock alone; the gateways' clocks differ.
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- As UNIQUE, but over a hash: a B-tree cannot hold a path of more than about 2,700 bytes. On a match of hashes the
    -- paths themselves are compared, so a collision costs time and nothing else.
    CONSTRAINT files_path_unique EXCLUDE USING hash (path WITH =)
);
