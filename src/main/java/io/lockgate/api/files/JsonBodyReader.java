package io.lockgate.api.files;

import io.lockgate.http.CrossSiteRule;
import io.lockgate.http.ProblemException;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
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
        byte[] body = context.getInputStream().readNBytes(limit + 1);
        if (body.length > 0
                && context instanceof ResteasyReactiveRequestContext request
                && CrossSiteRule.mustBeEmpty(request.unwrap(RoutingContext.class))) {
            throw new WebApplicationException(Response.Status.UNSUPPORTED_MEDIA_TYPE);
        }
        return read(type, body);
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
        return FilesJson.read(bytes, type);
    }
}
