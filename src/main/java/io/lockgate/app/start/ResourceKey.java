package io.lockgate.app.start;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The key of the native image's own table of resources, with an {@code equals} that is compiled. That of GraalVM 25.0.2
 * is made by the compiler for a record, and in the image its method handles are interpreted: the questions of
 * {@code ServiceLoader}, of the configuration and of Flyway for resources were a fifth of the start (ADR 16).
 */
// hashCode stays: the table was filled with it when the image was built.
@SuppressWarnings({"overrides", "EqualsHashCode"})
@TargetClass(
        className = "com.oracle.svm.core.jdk.Resources$ModuleInstanceResourceKey",
        onlyWith = ResourceKey.IsThere.class)
final class ResourceKey {
    @Alias
    private @Nullable Module module;

    @Alias
    private @Nullable String resource;

    private ResourceKey() {}

    @Override
    @Substitute
    public boolean equals(@Nullable Object other) {
        return other instanceof ResourceKey key
                && module == key.module
                && resource != null
                && resource.equals(key.resource);
    }

    /** Other builders of images have other names inside. */
    static final class IsThere implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            try {
                Class.forName("com.oracle.svm.core.jdk.Resources$ModuleInstanceResourceKey");
                return true;
            } catch (ClassNotFoundException e) {
                return false;
            }
        }
    }
}
