package io.lockgate.redis;

import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.SessionId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Every key, in one place. {@code lg:1:} is the layout version; {@code {bN}} is the hash tag of the bucket, so that all
 * keys of a script lie in one slot of a cluster. The order of the lists is the order of KEYS in the scripts.
 *
 * <pre>
 * lg:1:store                     hash    number of buckets and rule between the protocols: fixed over the data
 * lg:1:{bN}:meta                 hash    clock, counter, epoch, mark of the store, hold (suspend.lua), newest grants, until
 *                                        when events are written
 * lg:1:{bN}:done:REQUEST         string  what a request did, kept for 30 s
 * lg:1:{bN}:rows                 hash    grant id -> row
 * lg:1:{bN}:list                 zset    listing indexes: directory of the chunks, and entries of format 2
 * lg:1:{bN}:chunks               hash    listing indexes: ids by value, in chunks (lua/lib/lists.lua)
 * lg:1:{bN}:expiry               zset    grant ids by deadline
 * lg:1:{bN}:names                zset    aliases of grants
 * lg:1:{bN}:sessions             hash    copies of sessions that use the bucket, and sessions at home here
 * lg:1:{bN}:opens                zset    opens of SMB: by handle, by what they do and what they deny (lua/lib/opens.lua)
 * lg:1:{bN}:breaks               hash    orders to break locks, and breaks that can be taken back (lua/lib/breaks.lua)
 * lg:1:{bN}:break-due            zset    the same by the time at which a sweep has something to do
 * lg:1:{bN}:session-due          zset    the same by the time at which a sweep has something to do
 * lg:1:{bN}:session-live         zset    live sessions at home here, by principal
 * lg:1:{bN}:waiters              hash    requests that wait and provisional grants (lua/lib/waiters.lua)
 * lg:1:{bN}:queue                zset    the queues of all spaces (lua/lib/queue.lua)
 * lg:1:{bN}:waiting-due          zset    waiters by the time at which a sweep has something to do
 * lg:1:{bN}:events               stream  what happened to locks (lua/lib/events.lua), gone 11 min after the last listener
 * lg:1:{bN}:posix:SPACE          zset    ranges of NLM and NFSv4: exclusive, shared, by fork node, by owner
 * lg:1:{bN}:posix-levels:SPACE   hash    shared ranges of more than one byte per level
 * lg:1:{bN}:posix-nodes:SPACE    hash    the same per fork node
 * lg:1:{bN}:smb:SPACE            zset    the same for SMB, and its zero-length locks
 * lg:1:{bN}:smb-levels:SPACE     hash
 * lg:1:{bN}:smb-nodes:SPACE      hash
 * lg:1:{bN}:once:DIGEST          string  what a call with an Idempotency-Key has done (once.lua), kept for 10 min
 * lg:1:{bN}:once-rollback:DIGEST string  how that is rolled back, kept for 30 s
 * lg:1:{bN}:claim:DIGEST         string  the request that an Idempotency-Key belongs to (claim.lua), for 11 min
 * lg:1:{bN}:claims:PRINCIPAL     string  how many such keys a principal has used, for 22 min
 * lg:1:{bN}:providers:FILE       hash    reports of a file
 * lg:1:{bN}:blocks:FILE TAB PROVIDER   zset    blocks of a report
 * lg:1:{bN}:past:FILE TAB PROVIDER     zset    blocks that went, for readers who began before
 * lg:1:{bN}:leftovers            zset    versions and past blocks to delete, by time
 * lg:1:{bN}:scratch              hash    within one script at start: to try the rights of a user
 * </pre>
 */
final class RedisKeys {
    static final String STORE = "lg:1:store";

    /**
     * Of one bucket: its keys, and what those of a space begin with, in the order of KEYS in the scripts. Put together
     * once, for calls are many.
     */
    private record Names(
            String prefix,
            String meta,
            String rows,
            String list,
            String chunks,
            String expiry,
            String aliases,
            String sessions,
            String opens,
            String breaks,
            String breakDue,
            String sessionDue,
            String sessionLive,
            List<String> ofQueue,
            String events,
            List<String> ofSpace) {
        static Names of(String prefix) {
            return new Names(
                    prefix,
                    prefix + "meta",
                    prefix + "rows",
                    prefix + "list",
                    prefix + "chunks",
                    prefix + "expiry",
                    prefix + "names",
                    prefix + "sessions",
                    prefix + "opens",
                    prefix + "breaks",
                    prefix + "break-due",
                    prefix + "session-due",
                    prefix + "session-live",
                    Stream.of("waiters", "queue", "waiting-due")
                            .map(prefix::concat)
                            .toList(),
                    prefix + "events",
                    Stream.of("posix:", "posix-levels:", "posix-nodes:", "smb:", "smb-levels:", "smb-nodes:")
                            .map(prefix::concat)
                            .toList());
        }
    }

    private final Names[] named;

    RedisKeys(int buckets) {
        named = new Names[buckets];
        for (int i = 0; i < buckets; i++) {
            named[i] = Names.of("lg:1:{b" + i + "}:");
        }
    }

    int buckets() {
        return named.length;
    }

    /** The bucket of a file: its id, mixed (the finalizer of SplitMix64), so that neighbours in number spread out. */
    int bucketOf(long fileId) {
        long x = fileId;
        x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
        x = x ^ (x >>> 31);
        return (int) Long.remainderUnsigned(x, named.length);
    }

    /**
     * The bucket of a file of the distribution map, whose id is any text: FNV-1a of its UTF-8, mixed in the same way.
     */
    int bucketOf(String file) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : file.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x100000001b3L;
        }
        return bucketOf(hash);
    }

    boolean has(GrantId id) {
        return id.bucket() < named.length;
    }

    boolean has(SessionId id) {
        return id.home() < named.length;
    }

    /** Where a principal's sessions are at home. */
    int homeOf(String principal) {
        return bucketOf(principal);
    }

    /** {@code file:snapshot:stream}; only the last part may hold any character. */
    static String text(LockSpace space) {
        return Long.toUnsignedString(space.fileId()) + ':' + space.snapshotId() + ':' + space.streamId();
    }

    /** For each bucket a key that is there for a moment at most: to try what may be done to keys. */
    List<String> scratches() {
        return Arrays.stream(named).map(names -> names.prefix + "scratch").toList();
    }

    /** For each bucket a key in its slot, of which one on each primary has the notes of {@link OldLibraries}. */
    static List<String> libraries(int buckets) {
        return IntStream.range(0, buckets)
                .mapToObj(bucket -> "lg:1:libraries:{b" + bucket + "}")
                .toList();
    }

    /** The prefix of all keys of a bucket. */
    String prefix(int bucket) {
        return named[bucket].prefix;
    }

    String meta(int bucket) {
        return named[bucket].meta;
    }

    String rows(int bucket) {
        return named[bucket].rows;
    }

    String result(int bucket, String requestId) {
        return named[bucket].prefix + "done:" + requestId;
    }

    /** The keys for a bucket's clock alone. */
    List<String> ofClock(int bucket, String requestId) {
        return List.of(meta(bucket), result(bucket, requestId));
    }

    /** The keys of a whole bucket: what scripts need that touch no space. */
    List<String> ofBucket(int bucket, String requestId) {
        return ofBucket(named[bucket], result(bucket, requestId));
    }

    private static List<String> ofBucket(Names names, String result) {
        List<String> keys = new ArrayList<>(24);
        keys.add(names.meta);
        keys.add(result);
        keys.add(names.rows);
        keys.add(names.list);
        keys.add(names.chunks);
        keys.add(names.expiry);
        keys.add(names.aliases);
        keys.add(names.sessions);
        keys.add(names.opens);
        keys.add(names.breaks);
        return keys;
    }

    /** The keys of a bucket and of its waiters, for one grant or waiter. */
    List<String> ofGrant(int bucket, String requestId) {
        List<String> keys = ofBucket(bucket, requestId);
        keys.add(named[bucket].ofQueue.getFirst());
        return keys;
    }

    /** The keys of a bucket and of its queues. */
    List<String> ofQueue(int bucket, String requestId) {
        List<String> keys = ofBucket(bucket, requestId);
        keys.addAll(named[bucket].ofQueue);
        return keys;
    }

    /** The keys of what has expired in a bucket. */
    List<String> ofExpired(int bucket, String requestId) {
        List<String> keys = ofBucket(bucket, requestId);
        keys.add(named[bucket].sessionDue);
        keys.add(named[bucket].ofQueue.getLast());
        keys.add(named[bucket].breakDue);
        return keys;
    }

    /** The keys of a space, for a script that breaks locks there. */
    List<String> ofBreaks(int bucket, String requestId, String space) {
        List<String> keys = ofSpace(bucket, requestId, space);
        keys.add(named[bucket].breakDue);
        return keys;
    }

    /** The keys of the breaks that are due in a bucket. */
    List<String> ofBreaksDue(int bucket, String requestId) {
        List<String> keys = ofBucket(bucket, requestId);
        keys.add(named[bucket].breakDue);
        return keys;
    }

    /** The keys for sessions, at home and in the buckets that they use. */
    List<String> ofSessions(int bucket, String requestId) {
        Names names = named[bucket];
        return List.of(names.meta, result(bucket, requestId), names.sessions, names.sessionDue, names.sessionLive);
    }

    /** The keys of a bucket, of one space in it, of the queues, and of the events. */
    List<String> ofSpace(int bucket, String requestId, String space) {
        Names names = named[bucket];
        List<String> keys = ofBucket(names, result(bucket, requestId));
        for (String ofSpace : names.ofSpace) {
            keys.add(ofSpace + space);
        }
        keys.addAll(names.ofQueue);
        keys.add(names.events);
        return keys;
    }

    /** The keys of a bucket's events. */
    List<String> ofEvents(int bucket, String requestId) {
        return List.of(meta(bucket), result(bucket, requestId), named[bucket].events);
    }

    /**
     * The keys behind those of a space, of a call that carries a key. Digests, so that clients give no name to a key,
     * and the whole call is in it: nobody finds the record of another request or principal.
     */
    List<String> ofOnce(int bucket, IdempotencyKey key) {
        String p = named[bucket].prefix;
        String digest = digest(key.principal(), key.text(), key.request());
        return List.of(p + "once:" + digest, p + "once-rollback:" + digest);
    }

    /** The keys for the claim of a key, in the bucket of its principal. */
    List<String> ofClaim(int bucket, String requestId, IdempotencyKey key) {
        String p = named[bucket].prefix;
        return List.of(
                meta(bucket),
                result(bucket, requestId),
                p + "claim:" + digest(key.principal(), key.text()),
                p + "claims:" + key.principal());
    }

    /** No part holds a control character. */
    private static String digest(String... parts) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\t", parts).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The keys for all reports of a file. */
    List<String> ofReports(int bucket, String requestId, String file) {
        return List.of(meta(bucket), result(bucket, requestId), named[bucket].prefix + "providers:" + file);
    }

    /** The keys for one report. Neither id holds a control character, so the tab between them is the only one. */
    List<String> ofReport(int bucket, String requestId, String file, String provider) {
        String p = named[bucket].prefix;
        String report = file + '\t' + provider;
        return List.of(
                meta(bucket),
                result(bucket, requestId),
                p + "providers:" + file,
                p + "blocks:" + report,
                p + "past:" + report,
                p + "leftovers");
    }

    /** The keys for what a bucket has to delete of reports. */
    List<String> ofLeftovers(int bucket, String requestId) {
        return List.of(meta(bucket), result(bucket, requestId), named[bucket].prefix + "leftovers");
    }
}
