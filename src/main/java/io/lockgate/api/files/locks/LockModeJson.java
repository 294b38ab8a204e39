package io.lockgate.api.files.locks;

import io.lockgate.http.ProblemException;
import io.lockgate.range.LockMode;
import io.lockgate.range.LockModes;
import io.lockgate.range.LockType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Modes as they travel. */
final class LockModeJson {
    private static final Map<String, LockMode> MODES =
            Stream.of(LockMode.values()).collect(Collectors.toUnmodifiableMap(LockModeJson::text, mode -> mode));

    private LockModeJson() {}

    /** The modes of a lock of {@code type}. */
    static LockModes parse(LockType type, String field, List<@Nullable String> texts) {
        if (texts.isEmpty()) {
            throw ProblemException.field(field, "is empty: a lock needs at least one mode");
        }
        EnumSet<LockMode> modes = EnumSet.noneOf(LockMode.class);
        for (@Nullable String text : texts) {
            modes.add(one(type, field, text));
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
            case READ -> "API_SHARE_MODE_READ";
            case WRITE -> "API_SHARE_MODE_WRITE";
            case DELETE -> "API_SHARE_MODE_DELETE";
            case EXCLUDE_READ -> "API_SHARE_MODE_EXCLUDE_READ";
            case EXCLUDE_WRITE -> "API_SHARE_MODE_EXCLUDE_WRITE";
            case EXCLUDE_DELETE -> "API_SHARE_MODE_EXCLUDE_DELETE";
        };
    }

    private static LockMode one(LockType type, String field, @Nullable String text) {
        if (text == null) {
            throw ProblemException.field(field, "holds null");
        }
        LockMode mode = MODES.get(text);
        if (mode == null) {
            throw ProblemException.field(field, "holds an unknown mode");
        }
        if (mode.type() != type) {
            throw ProblemException.field(
                    field,
                    type == LockType.SHARE_MODE
                            ? "holds a mode of byte ranges; an open takes API_SHARE_MODE_READ and others of that name"
                            : "holds a mode of opens; a byte range takes API_BYTE_RANGE_EXCLUSIVE and others of that name");
        }
        return mode;
    }
}
