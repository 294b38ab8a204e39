package io.lockgate.http;

import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.Arrays;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/**
 * Reads bodies that resources take as bytes, up to one more than any of them accepts; so a resource sees that a body in
 * chunks is too long, and answers in the format of its API. The framework would read to its own limit, answer by
 * itself, and log an error.
 */
@Provider
@Consumes(MediaType.WILDCARD)
public class ByteBodyReader implements ServerMessageBodyReader<byte[]> {
    /** The longest body in bytes that a resource may accept as bytes. */
    public static final int MAX = 65_536;

    private static final int SHORT = 16_384;

    @Override
    public boolean isReadable(Class<?> type, Type generic, ResteasyReactiveResourceInfo method, MediaType mediaType) {
        return type == byte[].class;
    }

    @Override
    public boolean isReadable(Class<?> type, Type generic, Annotation[] annotations, MediaType mediaType) {
        return type == byte[].class;
    }

    @Override
    public byte[] readFrom(Class<byte[]> type, Type generic, MediaType mediaType, ServerRequestContext context)
            throws IOException {
        return read(context, MAX);
    }

    @Override
    public byte[] readFrom(
            Class<byte[]> type,
            Type generic,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream body)
            throws IOException {
        return body.readNBytes(MAX + 1);
    }

    /**
     * The body of a request, up to one byte more than {@code limit}.
     *
     * @throws WebApplicationException 415 for a body where {@link CrossSiteRule} allows none
     */
    public static byte[] read(ServerRequestContext context, int limit) throws IOException {
        byte[] body = bytes(context.getInputStream(), length(context), limit);
        if (body.length > 0
                && context instanceof ResteasyReactiveRequestContext request
                && CrossSiteRule.mustBeEmpty(request.unwrap(RoutingContext.class))) {
            throw new WebApplicationException(Response.Status.UNSUPPORTED_MEDIA_TYPE);
        }
        return body;
    }

    /**
     * A short body in an array of the length that the header says: the JDK would read into one of {@value #SHORT} bytes
     * and copy. Not a long one: nobody gets memory by a header alone.
     */
    private static byte[] bytes(InputStream in, int length, int limit) throws IOException {
        if (length < 0 || length > Math.min(SHORT, limit)) {
            return in.readNBytes(limit + 1);
        }
        byte[] body = new byte[length];
        int read = in.readNBytes(body, 0, length);
        return read == length ? body : Arrays.copyOf(body, read);
    }

    /** What {@code Content-Length} says; -1 when there is none, or none that fits an int. */
    private static int length(ServerRequestContext context) {
        String length = context instanceof ResteasyReactiveRequestContext request
                ? request.serverRequest().getRequestHeader(HttpHeaders.CONTENT_LENGTH)
                : null;
        try {
            return length == null ? -1 : Integer.parseInt(length);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
