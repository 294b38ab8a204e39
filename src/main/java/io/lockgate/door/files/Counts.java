package io.lockgate.door.files;

import io.lockgate.range.CountBy;
import io.lockgate.range.LockMode;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts instead of rows. */
final class Counts {
    private Counts() {}

    static CountBy by(@Nullable String text) {
        return switch (text) {
            case "owner_address" -> CountBy.OWNER_ADDRESS;
            case "file" -> CountBy.FILE;
            case "mode" -> CountBy.MODE;
            case null -> throw BadRequest.missing("by");
            default -> throw BadRequest.field("by", "is not owner_address, file or mode");
        };
    }

    static Response answer(CountBy by, Map<String, Long> counts) {
        List<CountBody> rows = counts.entrySet().stream()
                .map(entry -> new CountBody(shown(by, entry.getKey()), entry.getValue()))
                .sorted(Comparator.comparing(CountBody::count).reversed().thenComparing(CountBody::key))
                .toList();
        return FilesAnswers.ok(new CountsBody(text(by), rows));
    }

    private static String shown(CountBy by, String key) {
        return by == CountBy.MODE
                ? Arrays.stream(key.split(","))
                        .map(mode -> Modes.text(LockMode.valueOf(mode)))
                        .collect(Collectors.joining(","))
                : key;
    }

    private static String text(CountBy by) {
        return switch (by) {
            case OWNER_ADDRESS -> "owner_address";
            case FILE -> "file";
            case MODE -> "mode";
        };
    }
}
