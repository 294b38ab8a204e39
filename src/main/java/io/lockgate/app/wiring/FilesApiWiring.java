package io.lockgate.app.wiring;

import io.lockgate.api.files.FilesLimits;
import io.lockgate.api.files.GatewayInfo;
import io.lockgate.app.settings.FilesApiSettings;
import io.lockgate.app.settings.NodeSettings;
import io.lockgate.app.settings.SettingBounds;
import io.lockgate.http.connection.IpAddress;
import io.lockgate.identity.AuditTrail;
import io.lockgate.range.RangeLockTable;
import io.lockgate.range.RangeLocks;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Wires the files door to the range room, and checks its settings. */
@Singleton
final class FilesApiWiring {
    @Produces
    @Singleton
    RangeLocks rangeLocks(RangeLockTable table, AuditTrail audit) {
        return new RangeLocks(table, audit);
    }

    @Produces
    @Singleton
    @Startup
    FilesLimits limits(FilesApiSettings settings) {
        int pageMax = SettingBounds.within("lockgate.files.page-max", settings.pageMax(), 1_000, 10_000);
        return new FilesLimits(
                SettingBounds.within("lockgate.files.page-default", settings.pageDefault(), 1, pageMax),
                pageMax,
                SettingBounds.within("lockgate.files.body-limit", settings.bodyLimit(), 1_024, 1_048_576),
                SettingBounds.within("lockgate.files.batch-limit", settings.batchLimit(), 1, 100),
                SettingBounds.within("lockgate.files.resolve-limit", settings.resolveLimit(), 1, 10_000),
                SettingBounds.within("lockgate.files.dns-concurrency", settings.dnsConcurrency(), 1, 256),
                SettingBounds.within(
                        "lockgate.files.dns-timeout",
                        settings.dnsTimeout(),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(10)),
                SettingBounds.within(
                        "lockgate.files.dns-deadline",
                        settings.dnsDeadline(),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(60)));
    }

    @Produces
    @Singleton
    @Startup
    GatewayInfo node(NodeSettings settings, @ConfigProperty(name = "quarkus.application.version") String version) {
        Optional<String> address = settings.address().map(FilesApiWiring::canonical);
        if (settings.id() < 1 || settings.id() >= 1L << 53) {
            SettingBounds.fault("lockgate.node.id is " + settings.id() + ", but must be between 1 and 2^53-1");
        }
        return new GatewayInfo(address, settings.id(), version, settings.buildId(), settings.buildDate());
    }

    private static String canonical(String address) {
        return IpAddress.canonical(address).orElseGet(() -> {
            SettingBounds.fault("lockgate.node.address is '" + address + "', but must be an IP address");
            return address;
        });
    }
}
