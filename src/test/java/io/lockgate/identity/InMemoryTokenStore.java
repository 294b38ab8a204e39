package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The port for tokens without a database; its clock is moved by hand, and it can be down. */
public final class InMemoryTokenStore implements TokenStore {
    private record Row(long id, NewToken token, Duration end, boolean revoked) {}

    private final Map<TokenHash, Row> rows = new HashMap<>();
    private final Map<Long, Long> refreshIds = new HashMap<>();
    private long lastId;
    private Duration now = Duration.ZERO;
    private boolean down;
    private boolean busy;
    private boolean hold;

    /** Uses that wait for their answer. */
    private final Deque<Held> held = new ArrayDeque<>();

    private record Held(TokenHash hash, UniEmitter<? super Optional<Found>> asker) {}

    private int calls;

    void setDown(boolean down) {
        this.down = down;
    }

    void setBusy(boolean busy) {
        this.busy = busy;
    }

    /** Whether uses wait for {@link #answerFirst} or {@link #answerAll}. */
    void hold(boolean hold) {
        this.hold = hold;
    }

    void answerFirst(Optional<Found> answer) {
        held.remove().asker().complete(answer);
    }

    /** Answers all that wait as things stand now, those included that begin meanwhile. */
    void answerAll() {
        while (!held.isEmpty()) {
            Held next = held.remove();
            next.asker().complete(find(next.hash()));
        }
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    int calls() {
        return calls;
    }

    @Override
    public Uni<Long> create(NewToken token) {
        return call(() -> insert(token));
    }

    @Override
    public Uni<Optional<Derived>> createUnder(long refreshId, NewToken token, int most) {
        return call(() -> {
            boolean there = rows.values().stream()
                    .anyMatch(row -> row.id() == refreshId && row.token().kind() == TokenKind.REFRESH && isLive(row));
            if (!there) {
                return Optional.empty();
            }
            long id = insert(token);
            refreshIds.put(id, refreshId);
            List<Row> alive = rows.values().stream()
                    .filter(row -> Objects.equals(refreshIds.get(row.id()), refreshId) && isLive(row))
                    .sorted(Comparator.comparingLong(Row::id).reversed())
                    .toList();
            List<Row> oldest = alive.subList(Math.min(most, alive.size()), alive.size());
            oldest.forEach(row -> rows.remove(row.token().hash()));
            return Optional.of(new Derived(id, oldest.stream().map(Row::id).toList()));
        });
    }

    private long insert(NewToken token) {
        long id = ++lastId;
        rows.put(token.hash(), new Row(id, token, now.plus(token.lifetime()), false));
        return id;
    }

    private boolean isLive(Row row) {
        return !row.revoked() && row.end().compareTo(now) > 0;
    }

    @Override
    public Uni<Optional<Found>> use(TokenHash hash) {
        if (!hold) {
            return call(() -> find(hash));
        }
        return Uni.createFrom().emitter(asker -> {
            calls++;
            held.add(new Held(hash, asker));
        });
    }

    private Optional<Found> find(TokenHash hash) {
        Row row = rows.get(hash);
        if (row == null || !isLive(row)) {
            return Optional.empty();
        }
        NewToken token = row.token();
        Duration end = token.sliding() ? now.plus(token.lifetime()) : row.end();
        rows.put(hash, new Row(row.id(), token, end, false));
        return Optional.of(new Found(
                new Caller(token.username(), token.userId(), token.kind(), row.id(), false, true, List.of()),
                end.minus(now)));
    }

    @Override
    public Uni<Boolean> revoke(long id) {
        return call(() -> {
            for (Map.Entry<TokenHash, Row> entry : rows.entrySet()) {
                if (entry.getValue().id() == id) {
                    return end(entry.getKey());
                }
            }
            return false;
        });
    }

    @Override
    public Uni<Boolean> revoke(TokenHash hash) {
        return call(() -> end(hash));
    }

    @Override
    public Uni<Integer> sweep() {
        return call(() -> 0);
    }

    private boolean end(TokenHash hash) {
        Row row = rows.get(hash);
        if (row == null || row.revoked()) {
            return false;
        }
        rows.put(hash, new Row(row.id(), row.token(), row.end(), true));
        return true;
    }

    private <T> Uni<T> call(java.util.function.Supplier<T> work) {
        return Uni.createFrom().deferred(() -> {
            calls++;
            if (busy) {
                return Uni.createFrom().failure(IdentityUnavailableException.busy("busy"));
            }
            if (down) {
                return Uni.createFrom().failure(new IdentityUnavailableException("down"));
            }
            return Uni.createFrom().item(work.get());
        });
    }
}
