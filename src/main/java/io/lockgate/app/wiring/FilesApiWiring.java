package io.lockgate.app.wiring;

import io.lockgate.api.files.GatewayInfo;
import io.lockgate.app.settings.IdentitySettings;
import io.lockgate.app.settings.NodeSettings;
import io.lockgate.file.Files;
import io.lockgate.http.connection.IpAddress;
import io.lockgate.identity.AuditTrail;
import io.lockgate.range.FileLocks;
import io.lockgate.range.OpenHandles;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RangeLocks;
import io.lockgate.range.SessionTable;
import io.lockgate.range.Sessions;
import io.lockgate.range.breaks.Breaks;
import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.event.RangeEvents;
import io.lockgate.range.queue.Deadlocks;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.range.queue.QueuedLocks;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Wires the files API to the range locks. */
@Singleton
final class FilesApiWiring {
    private static final Logger LOG = Logger.getLogger(FilesApiWiring.class);

    @Produces
    @Singleton
    RangeLocks rangeLocks(RangeLockTable table, AuditTrail audit) {
        return new RangeLocks(table, audit);
    }

    @Produces
    @Singleton
    Sessions sessions(SessionTable table, AuditTrail audit) {
        return new Sessions(table, audit);
    }

    @Produces
    @Singleton
    FileLocks fileLocks(Files files, RangeLocks locks) {
        return new FileLocks(
                files,
                locks,
                (id, failure) -> LOG.infof(
                        "the path of file %s could not be confirmed (%s); its locks stand, and the next acquire lists it",
                        Long.toUnsignedString(id), failure.getMessage()));
    }

    @Produces
    @Singleton
    OpenHandles openHandles(RangeLocks locks, Files files) {
        return new OpenHandles(locks, files);
    }

    @Produces
    @Singleton
    QueuedLocks queuedLocks(
            LockQueue queue,
            RangeLocks locks,
            FileLocks files,
            AuditTrail audit,
            Deadlocks deadlocks,
            IdentitySettings identity) {
        return new QueuedLocks(queue, locks, files, audit, deadlocks, identity.cache());
    }

    @Produces
    @Singleton
    Breaks breaks(LockBreaker breaker, RangeLockTable table, SessionTable sessions, AuditTrail audit) {
        return new Breaks(breaker, table, sessions, audit, InstantSource.system());
    }

    @Produces
    @Singleton
    RangeEvents rangeEvents(RangeEventLog log) {
        return new RangeEvents(log);
    }

    @Produces
    @Singleton
    GatewayInfo node(NodeSettings settings, @ConfigProperty(name = "quarkus.application.version") String version) {
        return new GatewayInfo(
                settings.address().flatMap(IpAddress::canonical),
                settings.id(),
                version,
                settings.buildId(),
                settings.buildDate());
    }
}
