package io.lockgate.redis;

import io.lockgate.testing.redis.RespClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Listing indexes as gateways of format 2 and before wrote them: one entry for each grant and property. */
final class Format2 {
    private Format2() {}

    /** Rewrites the listing indexes of every bucket; marks stay as they are. */
    static void rewriteLists(RespClient probe) {
        for (String rows : probe.list("KEYS", "*:rows")) {
            rewriteLists(probe, rows.substring(0, rows.length() - "rows".length()));
        }
    }

    /** @param prefix of the keys of the bucket */
    static void rewriteLists(RespClient probe, String prefix) {
        probe.send("DEL", prefix + "list", prefix + "chunks");
        probe.send("HDEL", prefix + "meta", "newest", "gone");
        Map<String, String> rows = probe.map("HGETALL", prefix + "rows");
        rows.forEach((id, row) -> {
            List<String> lists = new ArrayList<>(new StoredRow(id, row).lists());
            if (lists.stream().noneMatch(list -> list.startsWith("n"))) {
                // 5f5eaf0 listed by an empty machine name too.
                lists.add("n" + RowColumn.PROTOCOL.of(row) + '\t');
            }
            lists.forEach(list -> probe.send("ZADD", prefix + "list", "0", list + id));
        });
    }
}
