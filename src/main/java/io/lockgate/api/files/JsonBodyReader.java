package io.lockgate.api.files;

import io.lockgate.http.ByteBodyReader;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/** Reads the JSON bodies of this API, up to its limit. */
@Provider
@Consumes(MediaType.WILDCARD)
public class JsonBodyReader implements ServerMessageBodyReader<JsonBody> {
    private final int limit;

    @Inject
    JsonBodyReader(FilesLimits limits) {
        this.limit = limits.bodyLimit();
    }

    @Override
    public boolean isReadable(Class<?> type, Type generic, ResteasyReactiveResourceInfo method, MediaType mediaType) {
        return JsonBody.class.isAssignableFrom(type);
    }

    @Override
    public boolean isReadable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return JsonBody.class.isAssignableFrom(type);
    }

    @Override
    public JsonBody readFrom(Class<JsonBody> type, Type generic, MediaType mediaType, ServerRequestContext context)
            throws IOException {
        byte[] bytes = ByteBodyReader.read(context, limit);
        if (context instanceof ResteasyReactiveRequestContext request) {
            IdempotencyHeader.noteBody(request.unwrap(RoutingContext.class), bytes);
        }
        return read(type, bytes);
    }

    @Override
    public JsonBody readFrom(
            Class<JsonBody> type,
            Type generic,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream body)
            throws IOException {
        return read(type, body.readNBytes(limit + 1));
    }

    private JsonBody read(Class<JsonBody> type, byte[] bytes) {
        if (bytes.length > limit) {
            throw ProblemException.bodyTooLarge(limit);
        }
        return Json.read(bytes, type);
    }
}
