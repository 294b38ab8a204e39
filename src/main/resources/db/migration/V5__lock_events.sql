-- What happened to locks of route_locks and course_locks, the newest some (lockgate.limits.lock-events; docs/adr/0044-events-in-a-table.md).
-- Written by triggers, so in the transaction of the change, whatever statement of whatever version made it.

CREATE TABLE lock_events (
    -- The position in the stream. Drawn behind the change itself, so the events of one lock are in order.
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    event   TEXT COLLATE "C" NOT NULL CHECK (event IN ('granted', 'queued', 'released', 'expired', 'broken')),
    kind    TEXT COLLATE "C" NOT NULL CHECK (kind IN ('route', 'course')),
    -- Route and id, or course and gadget.
    scope   TEXT COLLATE "C" NOT NULL,
    name    TEXT COLLATE "C" NOT NULL,
    -- users.id: who got it, had it, or waits for it.
    subject BIGINT NOT NULL,
    -- course_locks.id; none for routes, and for a call that waits.
    lock_id BIGINT
);

-- One row: the last event that was deleted for being old.
CREATE TABLE lock_event_history (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    pruned   BIGINT NOT NULL
);
INSERT INTO lock_event_history (pruned) VALUES (0);

-- Up to which position all events have been written, by transactions that have ended but for those named (as in pg_locks). Read in this
-- order: whoever has drawn a position by then, and has not ended, holds a lock on the table.
CREATE FUNCTION lock_events_written(OUT last BIGINT, OUT writers TEXT) LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    -- A sequence that has given nothing says 1, too.
    SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END INTO last FROM lock_events_id_seq s;
    SELECT coalesce(string_agg(l.virtualtransaction, ','), '') INTO writers FROM pg_locks l
    WHERE l.locktype = 'relation' AND l.relation = 'lock_events'::regclass AND l.mode = 'RowExclusiveLock'
    AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
END;
$$;

CREATE FUNCTION route_lock_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO lock_events (event, kind, scope, name, subject) VALUES ('granted', 'route', NEW.route, NEW.id, NEW.holder);
    RETURN NULL;
END;
$$;
CREATE TRIGGER route_lock_made AFTER INSERT ON route_locks FOR EACH ROW EXECUTE FUNCTION route_lock_made();

-- A statement that breaks sets lockgate.ending for its transaction.
CREATE OR REPLACE FUNCTION route_lock_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO lock_events (event, kind, scope, name, subject)
    VALUES (CASE WHEN current_setting('lockgate.ending', TRUE) = 'broken' THEN 'broken' ELSE 'released' END,
            'route', OLD.route, OLD.id, OLD.holder);
    PERFORM wake_lock_waiters('route', OLD.route, OLD.id);
    RETURN NULL;
END;
$$;

CREATE FUNCTION course_lock_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO lock_events (event, kind, scope, name, subject, lock_id)
    VALUES ('granted', 'course', NEW.course_id, NEW.gadget_id, NEW.owner, NEW.id);
    RETURN NULL;
END;
$$;
CREATE TRIGGER course_lock_made AFTER INSERT ON course_locks FOR EACH ROW EXECUTE FUNCTION course_lock_made();

CREATE OR REPLACE FUNCTION course_lock_ended() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO lock_events (event, kind, scope, name, subject, lock_id)
    VALUES (CASE WHEN OLD.expires_at <= statement_timestamp() THEN 'expired' ELSE 'released' END,
            'course', OLD.course_id, OLD.gadget_id, OLD.owner, OLD.id);
    PERFORM wake_lock_waiters('course', OLD.course_id, OLD.gadget_id);
    RETURN NULL;
END;
$$;

CREATE FUNCTION lock_waiter_queued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO lock_events (event, kind, scope, name, subject) VALUES ('queued', NEW.kind, NEW.scope, NEW.name, NEW.waiter);
    RETURN NULL;
END;
$$;
CREATE TRIGGER lock_waiter_queued AFTER INSERT ON lock_waiters FOR EACH ROW EXECUTE FUNCTION lock_waiter_queued();
