package io.lockgate.identity;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The port for tokens without a database; its clock is moved by hand, and it can be down. */
public final class InMemoryTokenStore implements TokenStore {
    private record Row(long id, NewToken token, Duration end, boolean revoked) {}

    private final Map<TokenHash, Row> rows = new HashMap<>();
    private Duration now = Duration.ZERO;
    private boolean down;
    private int calls;

    void setDown(boolean down) {
        this.down = down;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    int calls() {
        return calls;
    }

    @Override
    public Uni<Long> create(NewToken token) {
        return call(() -> {
            long id = rows.size() + 1L;
            rows.put(token.hash(), new Row(id, token, now.plus(token.lifetime()), false));
            return id;
        });
    }

    @Override
    public Uni<Optional<Found>> use(TokenHash hash) {
        return call(() -> {
            Row row = rows.get(hash);
            if (row == null || row.revoked() || row.end().compareTo(now) <= 0) {
                return Optional.empty();
            }
            NewToken token = row.token();
            Duration end = token.sliding() ? now.plus(token.lifetime()) : row.end();
            rows.put(hash, new Row(row.id(), token, end, false));
            return Optional.of(new Found(
                    new Identity(
                            token.username(), token.userId(), token.kind(), row.id(), false, true, java.util.List.of()),
                    end.minus(now)));
        });
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
            if (down) {
                return Uni.createFrom().failure(new IdentityUnavailableException("down"));
            }
            return Uni.createFrom().item(work.get());
        });
    }
}
