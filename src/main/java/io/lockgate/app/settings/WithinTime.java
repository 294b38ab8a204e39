package io.lockgate.app.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The shortest and the longest time of a setting that is a {@link java.time.Duration}, spelled as the setting is, such
 * as {@code 100ms}; {@link SettingBounds} refuses any other at start.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface WithinTime {
    String min();

    String max();
}
