-- The files that locks are taken on. A directory or file known only by id has no path.
CREATE TABLE files (
    -- An id is an unsigned 64-bit number: BIGINT ends at 2^63.
    id         NUMERIC(20) PRIMARY KEY,
    path       TEXT UNIQUE NULL,
    kind       TEXT        NOT NULL CHECK (kind IN ('file', 'directory')),
    confirmed  BOOLEAN     NOT NULL,
    -- Rows are dated by Postgres' clock alone; the gateways' clocks differ.
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
