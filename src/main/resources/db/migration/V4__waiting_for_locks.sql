-- Who waits for a lock of route_locks or course_locks, in order of arrival (docs/adr/0043-waiting-for-rows-of-postgres.md).
-- Gateways of the version before do not know these tables; the triggers run in their statements too.

-- Gateways that hold calls which wait. One that has not been seen for some seconds is taken for dead, and its waiters are skipped.
CREATE TABLE lock_gateways (
    id      TEXT COLLATE "C" PRIMARY KEY,
    seen_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE lock_waiters (
    -- The place in the queue.
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('route', 'course')),
    -- Route and id, or course and gadget.
    scope   TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    -- users.id
    waiter  BIGINT NOT NULL,
    -- lock_gateways.id; which holds the call.
    gateway TEXT COLLATE "C" NOT NULL,
    -- A row whose end has passed holds nobody back.
    ends_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX lock_waiters_in_order ON lock_waiters (kind, scope, name, id);
CREATE INDEX lock_waiters_of_gateway ON lock_waiters (gateway, id);

CREATE INDEX course_locks_by_end ON course_locks (expires_at);

-- Wakes the gateways when a lock ends that somebody waits for. A notification makes commits wait for each other, so there is none
-- when nobody waits. This query sees what was committed before it began, not only what the statement saw.
CREATE FUNCTION wake_lock_waiters(ended_kind TEXT, ended_scope TEXT, ended_name TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM lock_waiters w WHERE w.kind = ended_kind AND w.scope = ended_scope AND w.name = ended_name) THEN
        PERFORM pg_notify('lockgate_lock_waiters', concat_ws(E'\n', ended_kind, ended_scope, ended_name));
    END IF;
END;
$$;

-- As its owner: the user of a gateway of the version before may have no right to the new tables.
CREATE FUNCTION route_lock_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM wake_lock_waiters('route', OLD.route, OLD.id);
    RETURN NULL;
END;
$$;
CREATE TRIGGER route_lock_ended AFTER DELETE ON route_locks FOR EACH ROW EXECUTE FUNCTION route_lock_ended();

CREATE FUNCTION course_lock_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM wake_lock_waiters('course', OLD.course_id, OLD.gadget_id);
    RETURN NULL;
END;
$$;
CREATE TRIGGER course_lock_ended AFTER DELETE ON course_locks FOR EACH ROW EXECUTE FUNCTION course_lock_ended();
