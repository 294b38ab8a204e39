package io.lockgate.app.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The mappings of all settings of Lockgate, in the order of deploy/systemd/lockgate.env and docs/settings.md. Nothing
 * in a running gateway can find them, and a native image cannot search; {@code SettingsTextTest} fails when one is
 * missing here. Each is registered for reflection, because {@link SettingBounds} reads its bounds at start.
 */
public final class SettingsCatalog {
    public static final List<Class<?>> MAPPINGS = List.of(
            StartSettings.class,
            HttpSettings.class,
            RedisConnectionSettings.class,
            PostgresSettings.class,
            LockSettings.class,
            LimitSettings.class,
            EventSettings.class,
            FileSettings.class,
            FilesApiSettings.class,
            NodeSettings.class,
            IdentitySettings.class,
            BootstrapSettings.class,
            AdminSettings.class,
            CourseSettings.class,
            DistributionSettings.class,
            JwtSettings.class);

    private SettingsCatalog() {}

    /** Such as {@code lockgate.files}. */
    public static String prefix(Class<?> mapping) {
        return Objects.requireNonNull(mapping.getAnnotation(ConfigMapping.class))
                .prefix();
    }

    /** Such as {@code lockgate.files.page-max}. */
    public static String name(Class<?> mapping, Method setting) {
        if (setting.isAnnotationPresent(WithParentName.class)) {
            return prefix(mapping);
        }
        return prefix(mapping) + "."
                + setting.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
