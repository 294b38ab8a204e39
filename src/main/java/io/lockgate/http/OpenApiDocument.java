package io.lockgate.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hands out the OpenAPI document, {@code openapi/lockgate.yaml}, as it stands, and as JSON. Nothing of it is read at
 * start: most gateways are never asked for it.
 */
@Singleton
final class OpenApiDocument {
    private static final String PATH = "/q/openapi";
    private static final Set<String> PATHS = Set.of(PATH, PATH + ".json", PATH + ".yaml", PATH + ".yml");
    private static final String RESOURCE = "/openapi/lockgate.yaml";

    private final Form yaml = new Form("application/yaml", OpenApiDocument::read);
    private final Form json = new Form("application/json", OpenApiDocument::convert);

    void register(@Observes Filters filters) {
        filters.register(this::serve, FilterOrder.OPEN_API);
    }

    private void serve(RoutingContext context) {
        HttpServerRequest request = context.request();
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!reads || !PATHS.contains(context.normalizedPath())) {
            context.next();
            return;
        }
        Form form = wantsJson(request, context.normalizedPath()) ? json : yaml;
        UnreadBody.discard(request);
        @Nullable Buffer ready = form.text;
        if (ready != null) {
            answer(context, form, ready);
        } else {
            // Reading YAML takes too long for an event loop.
            context.vertx()
                    .executeBlocking(form::load)
                    .onSuccess(text -> answer(context, form, text))
                    .onFailure(context::fail);
        }
    }

    /** Without a copy for each request: of a client that does not read it the gateway would have to keep one. */
    private static void answer(RoutingContext context, Form form, Buffer text) {
        HttpServerResponse response =
                context.response().putHeader(HttpHeaders.CONTENT_TYPE, form.type + ";charset=UTF-8");
        if (context.request().method().equals(HttpMethod.HEAD)) {
            // RFC 9110, 9.3.2. Over HTTP/2 Vert.x would send the body.
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(text.length()))
                    .end();
        } else {
            response.end(text);
        }
    }

    private boolean wantsJson(HttpServerRequest request, String path) {
        if (!path.equals(PATH)) {
            return path.endsWith(".json");
        }
        String accept = Objects.requireNonNullElse(request.getHeader(HttpHeaders.ACCEPT), "");
        return accept.contains(json.type) || "JSON".equalsIgnoreCase(request.getParam("format"));
    }

    private static byte[] read() throws IOException {
        try (InputStream in = Objects.requireNonNull(OpenApiDocument.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            return in.readAllBytes();
        }
    }

    private static byte[] convert() throws IOException {
        return new ObjectMapper().writeValueAsBytes(new YAMLMapper().readTree(read()));
    }

    /** The document in one of its forms, made when first asked for. */
    private static final class Form {
        private final String type;
        private final Source source;
        private volatile @Nullable Buffer text;

        Form(String type, Source source) {
            this.type = type;
            this.source = source;
        }

        synchronized Buffer load() throws IOException {
            @Nullable Buffer made = text;
            if (made == null) {
                made = Buffer.buffer(source.read());
                text = made;
            }
            return made;
        }
    }

    @FunctionalInterface
    private interface Source {
        byte[] read() throws IOException;
    }
}
