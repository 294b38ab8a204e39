package io.lockgate.boot;

import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.smallrye.openapi.runtime.OpenApiConstants;
import io.quarkus.smallrye.openapi.runtime.OpenApiDocumentService;
import io.smallrye.openapi.runtime.io.Format;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document as the build wrote it, in both of its forms. Quarkus would read it at each start with a parser of YAML and
 * write it twice, for the sake of filters that run later; there is none here, and it was a quarter of the start of the native
 * binary (ADR 16).
 */
@Alternative
@Priority(1)
@Singleton
@IfBuildProfile("prod")
final class BuiltOpenApi extends OpenApiDocumentService {

    /** Before the start: lets Quarkus find no document to read. */
    static void keep() {
        OpenApiConstants.classLoader = new ClassLoader(null) {
            @Override
            public @Nullable InputStream getResourceAsStream(String name) {
                return null;
            }
        };
    }

    /** There is one, whatever its name. */
    @Override
    public byte[] getDocument(String name, Format format) {
        String file = "/" + OpenApiConstants.BASE_NAME + "." + format;
        try (InputStream in = BuiltOpenApi.class.getResourceAsStream(file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
