package io.lockgate.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * JSON as the APIs speak it: strict in what a value is, silent about fields that they do not know (docs/api-files.md,
 * "Errors"). A mapper of their own, so that no setting of the framework's reaches it.
 */
public final class Json {
    /** How deep a body may nest; what we know ourselves nests three deep. */
    private static final int MAX_DEPTH = 32;

    /**
     * Longest name of a field of a whole body, in bytes. A factory of parsers remembers some 6,000 names, known fields
     * or not, also for callers whom nobody knows: this bounds what strangers can make it keep.
     */
    private static final int MAX_NAME = 256;

    private static final ObjectMapper MAPPER = mapper();

    /** For bodies read piece by piece; copied for each, so that it remembers nothing. */
    private static final JsonFactory PIECES = factory(StreamReadConstraints.DEFAULT_MAX_NAME_LEN);

    private Json() {}

    /** An answer with {@code body} as JSON, in one piece. */
    public static Response response(int status, Object body) {
        return Response.status(status)
                .entity(write(body))
                .type("application/json")
                .build();
    }

    public static byte[] write(Object body) {
        try {
            return MAPPER.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a whole body.
     *
     * @throws UnreadableBodyException which says in the client's terms why it cannot be read
     */
    public static <T> T read(byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw new UnreadableBodyException("the body is empty");
        }
        requireUtf8(body);
        try {
            @Nullable T value = MAPPER.readValue(body, type);
            if (value == null) {
                throw new UnreadableBodyException("the body is null");
            }
            return value;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Reads a body piece by piece, in the same way; what it throws is for {@link #unreadable}. */
    public static JsonParser parser(InputStream body) throws IOException {
        PushbackInputStream whole = new PushbackInputStream(body, 2);
        byte[] head = whole.readNBytes(2);
        requireUtf8Head(head);
        whole.unread(head);
        return PIECES.copy().createParser(whole);
    }

    /** Says in the client's terms why a body cannot be read. */
    public static UnreadableBodyException unreadable(IOException failure) {
        return switch (failure) {
            case StreamConstraintsException e ->
                new UnreadableBodyException("the body nests too deep, or a number or name in it is too long");
            case JsonParseException e -> unreadable(e);
            case JsonMappingException e -> mismatch(e);
            default -> new UnreadableBodyException("the body is not readable JSON");
        };
    }

    private static void requireUtf8Head(byte[] body) {
        int first = body.length == 0 ? ' ' : body[0] & 0xFF;
        if (first == 0xEF || first == 0xFE || first == 0xFF) {
            throw new UnreadableBodyException("the body begins with a byte order mark, or is not UTF-8");
        }
        if (first == 0 || (body.length > 1 && body[1] == 0)) {
            // Jackson would guess UTF-16 or UTF-32 from these.
            throw new UnreadableBodyException("the body is not readable JSON in UTF-8");
        }
    }

    private static void requireUtf8(byte[] body) {
        requireUtf8Head(body);
        int all = 0;
        for (byte b : body) {
            all |= b;
        }
        if (all < 0) {
            try {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
            } catch (CharacterCodingException e) {
                throw new UnreadableBodyException("the body is not valid UTF-8");
            }
        }
    }

    private static UnreadableBodyException unreadable(JsonParseException e) {
        String message = String.valueOf(e.getOriginalMessage());
        if (message.startsWith("Duplicate")) {
            return new UnreadableBodyException("the body names a field twice: " + message);
        }
        String place = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
        return new UnreadableBodyException("the body is not readable JSON" + place);
    }

    private static UnreadableBodyException mismatch(JsonMappingException e) {
        if (e.getCause() instanceof StreamConstraintsException) {
            return new UnreadableBodyException("the body nests too deep, or a number or name in it is too long");
        }
        if (e.getCause() instanceof JsonParseException parse) {
            return unreadable(parse);
        }
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            } else {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.isEmpty()
                ? new UnreadableBodyException("the body is not of the JSON type that is expected here")
                : new UnreadableBodyException("field '" + path + "' has the wrong JSON type or is out of range");
    }

    private static JsonFactory factory(int maxName) {
        return JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                // Stack traces and parts of the body have no place in a log for somebody else's typing error.
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(64)
                        .maxNameLength(maxName)
                        .build())
                .build();
    }

    private static ObjectMapper mapper() {
        JsonMapper mapper = JsonMapper.builder(factory(MAX_NAME))
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                .build();
        // A number is no name, a string is no number, and an empty string is no absent object.
        for (CoercionInputShape shape : CoercionInputShape.values()) {
            if (shape != CoercionInputShape.String) {
                mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
            }
            if (shape != CoercionInputShape.Integer) {
                mapper.coercionConfigFor(LogicalType.Integer).setCoercion(shape, CoercionAction.Fail);
            }
        }
        mapper.coercionConfigFor(LogicalType.Boolean).setCoercion(CoercionInputShape.String, CoercionAction.Fail);
        mapper.coercionConfigFor(LogicalType.Boolean).setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
        mapper.coercionConfigFor(LogicalType.Boolean).setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
        mapper.coercionConfigFor(LogicalType.Collection)
                .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
        mapper.coercionConfigFor(LogicalType.POJO).setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
        return mapper;
    }
}
