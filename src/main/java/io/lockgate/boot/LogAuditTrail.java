package io.lockgate.boot;

import io.lockgate.range.AuditTrail;
import io.smallrye.mutiny.Uni;
import org.jboss.logging.Logger;

/**
 * Audit by log, one line each at INFO. What clients chose (owner ids, names) is quoted and escaped; control characters
 * cannot be in it, since the doors refuse them.
 */
final class LogAuditTrail implements AuditTrail {
    private static final Logger LOG = Logger.getLogger("io.lockgate.audit");

    @Override
    public Uni<Void> record(Entry entry) {
        return Uni.createFrom()
                .voidItem()
                .invoke(() -> LOG.infof(
                        "audit who=\"%s\" what=%s target=\"%s\" whose=\"%s\" why=\"%s\"",
                        escaped(entry.who()),
                        entry.what(),
                        escaped(entry.target()),
                        escaped(entry.whose()),
                        escaped(entry.why().orElse(""))));
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
