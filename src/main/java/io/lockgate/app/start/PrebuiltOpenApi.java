package io.lockgate.app.start;

import io.lockgate.http.FilterOrder;
import io.lockgate.http.UnreadBody;
import io.quarkus.arc.profile.IfBuildProfile;
import io.quarkus.smallrye.openapi.runtime.OpenApiConstants;
import io.quarkus.smallrye.openapi.runtime.OpenApiDocumentService;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.openapi.runtime.io.Format;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
final class PrebuiltOpenApi extends OpenApiDocumentService {
    private static final String PATH = "/q/openapi";
    private static final Set<String> PATHS = Set.of(PATH, PATH + ".json", PATH + ".yaml", PATH + ".yml");

    private final Documents documents = new Documents();

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
        return documents.get(format).getBytes();
    }

    void register(@Observes Filters filters) {
        filters.register(this::serve, FilterOrder.OPEN_API);
    }

    /**
     * Hands the document out without a copy for each request: a client that does not read it would make the gateway keep one. Chooses
     * the form as Quarkus does.
     */
    private void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = context.normalizedPath();
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!reads || !PATHS.contains(path)) {
            context.next();
            return;
        }
        String accept = Objects.requireNonNullElse(request.getHeader(HttpHeaders.ACCEPT), "");
        boolean plain = path.equals(PATH);
        Format format = path.endsWith(".json")
                        || (plain
                                && (accept.contains(Format.JSON.getMimeType())
                                        || "JSON".equalsIgnoreCase(request.getParam("format"))))
                ? Format.JSON
                : Format.YAML;
        UnreadBody.discard(request);
        context.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, format.getMimeType() + ";charset=UTF-8")
                .end(documents.get(format));
    }

    private static Buffer read(Format format) {
        String file = "/" + OpenApiConstants.BASE_NAME + "." + format;
        try (InputStream in = PrebuiltOpenApi.class.getResourceAsStream(file)) {
            return Buffer.buffer(Objects.requireNonNull(in, file).readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read when first asked for: most gateways never are. */
    private static final class Documents {
        private final Map<Format, Buffer> read = new ConcurrentHashMap<>();

        Buffer get(Format format) {
            return read.computeIfAbsent(format, PrebuiltOpenApi::read);
        }
    }
}
