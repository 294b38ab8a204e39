-- Who may do what, the locks of the admin and the courses door, and the trail of what was done to others.
-- All times are Postgres' own: the gateways' clocks differ. All identifiers compare byte for byte (COLLATE "C").

CREATE TABLE users (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username      TEXT COLLATE "C" NOT NULL UNIQUE CHECK (octet_length(username) BETWEEN 1 AND 256),
    email         TEXT COLLATE "C" UNIQUE CHECK (octet_length(email) BETWEEN 1 AND 256),
    -- bcrypt, in its own text form; never the password.
    password_hash TEXT COLLATE "C" NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE permissions (
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission TEXT COLLATE "C" NOT NULL CHECK (octet_length(permission) BETWEEN 1 AND 256),
    -- A path prefix or file id, a route, a course, a provider, by permission; empty: everywhere.
    scope      TEXT COLLATE "C" NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, permission, scope)
);

CREATE TABLE tokens (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of the token, which itself is nowhere.
    hash          BYTEA NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('bearer', 'refresh', 'sid', 'partner')),
    -- The first characters, for people to tell tokens apart; far too few to guess the rest.
    prefix        TEXT COLLATE "C" NOT NULL,
    -- No foreign key: a token outlives its user, so that the admin door can say 404 to it (product.md 1.4).
    user_id       BIGINT NOT NULL,
    username      TEXT COLLATE "C" NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at    TIMESTAMPTZ NOT NULL,
    -- Every use moves the end to so many seconds from then; none: the end stays.
    slide_seconds INTEGER CHECK (slide_seconds > 0),
    last_used_at  TIMESTAMPTZ,
    revoked_at    TIMESTAMPTZ
);
CREATE INDEX tokens_of_user ON tokens (user_id);
CREATE INDEX tokens_by_end ON tokens (expires_at);

-- One lock of the admin door: route and id are two columns, so no two pairs can be glued to the same text.
CREATE TABLE route_locks (
    route  TEXT COLLATE "C" NOT NULL CHECK (octet_length(route) BETWEEN 1 AND 256),
    id     TEXT COLLATE "C" NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 256),
    -- users.id; its locks go with a user (io.lockgate.postgres.PostgresUserStore).
    holder BIGINT NOT NULL,
    since  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (route, id)
);
CREATE INDEX route_locks_of_holder ON route_locks (holder);

CREATE TABLE courses (
    course_id   TEXT COLLATE "C" PRIMARY KEY CHECK (octet_length(course_id) BETWEEN 1 AND 256),
    -- The other key of the same course.
    internal_id BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE gadgets (
    course_id  TEXT COLLATE "C" NOT NULL REFERENCES courses (course_id),
    gadget_id  TEXT COLLATE "C" NOT NULL CHECK (octet_length(gadget_id) BETWEEN 1 AND 256),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (course_id, gadget_id)
);

-- A row whose end has passed is no lock: whoever wants its place takes it out first, in the same transaction.
CREATE TABLE course_locks (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type       TEXT COLLATE "C" NOT NULL CHECK (type IN ('gadget')),
    course_id  TEXT COLLATE "C" NOT NULL,
    gadget_id  TEXT COLLATE "C" NOT NULL,
    -- users.id; its locks go with a user.
    owner      BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT course_locks_one_per_gadget UNIQUE (course_id, gadget_id),
    CONSTRAINT course_locks_one_per_owner_and_type UNIQUE (owner, type),
    FOREIGN KEY (course_id, gadget_id) REFERENCES gadgets (course_id, gadget_id)
);

-- What was done to what is others', and to users and tokens. Only ever appended to.
CREATE TABLE audit (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    actor   TEXT COLLATE "C" NOT NULL,
    what    TEXT COLLATE "C" NOT NULL,
    object  TEXT COLLATE "C" NOT NULL,
    whose   TEXT COLLATE "C" NOT NULL DEFAULT '',
    reason  TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- 'asked': written before the deed, so that there is no unaudited one; else what came of it.
    outcome TEXT COLLATE "C" NOT NULL DEFAULT 'asked'
);
CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_object ON audit USING hash (object);
CREATE INDEX audit_by_time ON audit (at, id);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit is append-only' USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
