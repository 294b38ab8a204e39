package io.lockgate.range.breaks;

import io.lockgate.range.Grant;
import io.lockgate.range.GrantId;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockTableUnavailableException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A port that knows the locks that it is given, notes what it is asked, and fails when it is told to. */
final class ScriptedBreaker implements LockBreaker {
    final Map<GrantId, Standing> standing = new LinkedHashMap<>();
    final List<String> calls = new ArrayList<>();
    final Map<IdempotencyKey, Standing> done = new LinkedHashMap<>();
    Undoing undoing = new Undoing.NothingBroken();
    int failures;
    private Optional<IdempotencyKey> key = Optional.empty();

    @Override
    public LockBreaker onBehalfOf(String principal) {
        key = Optional.empty();
        return this;
    }

    @Override
    public LockBreaker once(IdempotencyKey callsKey) {
        key = Optional.of(callsKey);
        return this;
    }

    @Override
    public Uni<Optional<Standing>> look(GrantId id) {
        return asked("look " + id, () -> Optional.ofNullable(standing.get(id)));
    }

    @Override
    public Uni<Optional<Standing>> breakNow(GrantId id) {
        Optional<IdempotencyKey> its = key;
        return asked("break " + id, () -> {
            Optional<Standing> before = its.map(done::get);
            if (before.isPresent()) {
                return before;
            }
            Optional<Standing> broken = Optional.ofNullable(standing.remove(id));
            its.ifPresent(name -> broken.ifPresent(lock -> done.put(name, lock)));
            return broken;
        });
    }

    @Override
    public Uni<Optional<Standing>> announce(GrantId id, Duration in, String reason) {
        return asked(
                "announce " + id + " " + in.toMillis() + " " + reason, () -> Optional.ofNullable(standing.get(id)));
    }

    @Override
    public Uni<Boolean> cancel(GrantId id) {
        return asked(
                "cancel " + id,
                () -> Optional.ofNullable(standing.get(id))
                        .filter(its ->
                                its.grant().stage() instanceof Grant.Held(Optional<Duration> in) && in.isPresent())
                        .isPresent());
    }

    @Override
    public Uni<Undoing> undo(GrantId id) {
        return asked("undo " + id, () -> undoing);
    }

    @Override
    public Uni<Long> sweep() {
        throw new IllegalStateException("a use case sweeps nothing");
    }

    private <T> Uni<T> asked(String call, Supplier<T> answer) {
        return Uni.createFrom().item(() -> {
            calls.add(call);
            if (failures > 0 && !call.startsWith("look")) {
                failures--;
                throw new LockTableUnavailableException("scripted", false);
            }
            return answer.get();
        });
    }
}
