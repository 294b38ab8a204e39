package io.lockgate.api.files.locks;

import io.lockgate.http.ProblemException;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Modes as they travel. */
final class LockModeJson {
    static final String PREFIX = "API_BYTE_RANGE_";

    private LockModeJson() {}

    static LockModes parse(String field, List<@Nullable String> texts) {
        if (texts.isEmpty()) {
            throw ProblemException.field(field, "is empty: a lock needs at least one mode");
        }
        EnumSet<LockMode> modes = EnumSet.noneOf(LockMode.class);
        for (@Nullable String text : texts) {
            modes.add(one(field, text));
        }
        return LockModes.of(modes);
    }

    static List<String> texts(LockModes modes) {
        List<String> texts = new ArrayList<>(4);
        for (LockMode mode : modes) {
            texts.add(text(mode));
        }
        return texts;
    }

    static String text(LockMode mode) {
        return switch (mode) {
            case EXCLUSIVE -> "API_BYTE_RANGE_EXCLUSIVE";
            case SHARED -> "API_BYTE_RANGE_SHARED";
            case READ_OP -> "API_BYTE_RANGE_READ_OP";
            case WRITE_OP -> "API_BYTE_RANGE_WRITE_OP";
        };
    }

    private static LockMode one(String field, @Nullable String text) {
        return switch (text) {
            case "API_BYTE_RANGE_EXCLUSIVE" -> LockMode.EXCLUSIVE;
            case "API_BYTE_RANGE_SHARED" -> LockMode.SHARED;
            case "API_BYTE_RANGE_READ_OP" -> LockMode.READ_OP;
            case "API_BYTE_RANGE_WRITE_OP" -> LockMode.WRITE_OP;
            case null -> throw ProblemException.field(field, "holds null");
            default -> throw ProblemException.field(field, "holds an unknown mode");
        };
    }
}
