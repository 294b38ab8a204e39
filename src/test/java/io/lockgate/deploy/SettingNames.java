package io.lockgate.deploy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The variables by which a deployment may set something: those of our own settings, and of Quarkus' that it needs. */
final class SettingNames {
    private static final Stream<String> OF_QUARKUS = Stream.of(
            "io.quarkus.redis.runtime.client.config.RedisConfig",
            "io.quarkus.datasource.runtime.DataSourcesRuntimeConfig",
            "io.quarkus.reactive.datasource.runtime.DataSourcesReactiveRuntimeConfig",
            "io.quarkus.agroal.runtime.DataSourcesJdbcRuntimeConfig",
            "io.quarkus.flyway.runtime.FlywayRuntimeConfig",
            "io.quarkus.vertx.http.runtime.VertxHttpConfig",
            "io.quarkus.vertx.http.runtime.management.ManagementConfig");

    private static final Set<String> ALL = all();

    private SettingNames() {}

    static boolean isSetting(String variable) {
        return ALL.contains(variable);
    }

    private static Set<String> all() {
        Stream<String> ours = new ClassFileImporter()
                .importPackages("io.lockgate").stream()
                        .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                        .map(JavaClass::getName);
        Set<String> names = new HashSet<>();
        Stream.concat(ours, OF_QUARKUS).forEach(type -> names.addAll(of(type)));
        return names;
    }

    private static Set<String> of(String type) {
        try {
            Set<String> names = new HashSet<>();
            ConfigMappings.getProperties(ConfigClass.configClass(Class.forName(type)))
                    .keySet()
                    .forEach(name ->
                            names.add(name.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT)));
            return names;
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
