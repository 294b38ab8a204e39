package io.lockgate.api.accounts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockgate.http.ByteBodyReader;
import io.lockgate.http.Json;
import io.lockgate.http.ProblemException;
import io.lockgate.identity.Passwords;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Bodies as JSON objects, read field by field so that each fault names its field; unknown fields are ignored. */
final class JsonFields {
    /** The longest body taken. */
    static final int MAX_BODY = ByteBodyReader.MAX;

    private JsonFields() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The body as an object; an empty body is one without fields. */
    static ObjectNode read(byte @Nullable [] body) {
        if (body == null || body.length == 0) {
            return object();
        }
        if (body.length > MAX_BODY) {
            throw ProblemException.bodyTooLarge(MAX_BODY);
        }
        return Json.read(body, ObjectNode.class);
    }

    /** A text of 1 to {@code maxBytes} bytes without control characters. */
    static String name(ObjectNode body, String field, int maxBytes) {
        String text = text(body, field, maxBytes);
        if (text.chars().anyMatch(c -> c < 0x20 || (c >= 0x7F && c <= 0x9F))) {
            throw ProblemException.field(field, "holds a control character");
        }
        return text;
    }

    /** A text of 1 to {@code maxBytes} bytes. */
    static String text(ObjectNode body, String field, int maxBytes) {
        @Nullable JsonNode node = body.get(field);
        if (node == null || node.isNull()) {
            throw ProblemException.missing(field);
        }
        if (!node.isTextual()) {
            throw ProblemException.field(field, "is not a string");
        }
        String text = node.textValue();
        if (text.isEmpty()) {
            throw ProblemException.missing(field);
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw ProblemException.field(field, "holds a lone surrogate, which UTF-8 cannot carry");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > maxBytes || text.indexOf('\0') >= 0) {
            throw ProblemException.field(field, "is longer than " + maxBytes + " bytes or holds a NUL");
        }
        return text;
    }

    /** A password that is to be set. */
    static String newPassword(ObjectNode body, String field) {
        String password = text(body, field, Passwords.MAX_BYTES);
        if (!Passwords.isLongEnough(password)) {
            throw ProblemException.field(field, "is shorter than " + Passwords.MIN_CHARACTERS + " characters");
        }
        return password;
    }

    static Optional<String> optionalName(ObjectNode body, String field, int maxBytes) {
        return has(body, field) ? Optional.of(name(body, field, maxBytes)) : Optional.empty();
    }

    static boolean has(ObjectNode body, String field) {
        return body.hasNonNull(field);
    }

    /** A positive int64 in decimal, as ids are. */
    static OptionalLong id(String text) {
        if (text.isEmpty() || text.length() > 19 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
