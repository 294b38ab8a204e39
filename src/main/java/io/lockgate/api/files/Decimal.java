package io.lockgate.api.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;

/**
 * An unsigned 64-bit number as a client wrote it: a decimal string, or a JSON number, which may be trusted up to
 * 2<sup>53</sup>-1 only, because beyond it many clients' own JSON libraries have rounded it before it was sent.
 *
 * @param text what was written, not yet judged
 * @param number whether it was a JSON number
 */
@JsonDeserialize(using = Decimal.Reader.class)
public record Decimal(String text, boolean number) {
    private static final long MAX_NUMBER = (1L << 53) - 1;

    /** The value, unsigned; {@code error} says what it is called when it is none. */
    public long value(String field, FilesError error) {
        long value = parse(text, field, error);
        if (number && Long.compareUnsigned(value, MAX_NUMBER) > 0) {
            throw new FilesProblemException(
                    error, "field '" + field + "' is above 2^53-1 and must be a decimal string");
        }
        return value;
    }

    /** Reads 1 to 20 decimal digits of at most 2<sup>64</sup>-1 in all. */
    public static long parse(String text, String field, FilesError error) {
        if (text.isEmpty() || text.length() > 20) {
            throw fault(field, error);
        }
        for (int i = 0; i < text.length(); i++) {
            // Long.parseUnsignedLong alone also takes a plus sign, and the digits of every script.
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                throw fault(field, error);
            }
        }
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException tooLarge) {
            throw fault(field, error);
        }
    }

    private static FilesProblemException fault(String field, FilesError error) {
        return new FilesProblemException(error, "field '" + field + "' is not a decimal number from 0 to 2^64-1");
    }

    /** Takes strings and numbers; everything else has the wrong type. */
    public static final class Reader extends StdDeserializer<Decimal> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Decimal.class);
        }

        @Override
        public Decimal deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.VALUE_STRING) {
                return new Decimal(parser.getText(), false);
            }
            if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
                return new Decimal(parser.getText(), true);
            }
            return (Decimal) context.handleUnexpectedToken(Decimal.class, parser);
        }
    }
}
