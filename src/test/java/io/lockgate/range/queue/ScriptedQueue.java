package io.lockgate.range.queue;

import io.lockgate.range.Cursor;
import io.lockgate.range.GrantFilter;
import io.lockgate.range.IdempotencyKey;
import io.lockgate.range.LockSpace;
import io.lockgate.range.LockSpec;
import io.lockgate.range.SessionId;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A queue that answers what a test has told it to, and notes what it was asked. */
public final class ScriptedQueue implements LockQueue {
    public @Nullable Queueing queueing;

    /** Of a poll; {@link WaitOutcome.NoSuchWaiter} for a principal that is not {@link #owner}. */
    public WaitOutcome stands = new WaitOutcome.NoSuchWaiter();

    String owner = "p";

    /** Every call, in words. */
    final List<String> calls = new ArrayList<>();

    /** The call that is held. */
    private @Nullable UniEmitter<? super WaitOutcome> held;

    private BooleanSupplier isGone = () -> false;

    @Override
    public LockQueue once(IdempotencyKey key) {
        calls.add("once " + key.text());
        return this;
    }

    @Override
    public Uni<Queueing> acquire(LockSpace space, LockSpec lock, Duration wait) {
        calls.add("acquire " + wait.toMillis());
        return Uni.createFrom().item(queueing);
    }

    @Override
    public Uni<WaitOutcome> poll(WaiterId id, Optional<String> principal) {
        calls.add("poll " + id + " " + principal.orElse("*"));
        return Uni.createFrom()
                .item(principal.map(owner::equals).orElse(true) ? stands : new WaitOutcome.NoSuchWaiter());
    }

    @Override
    public Uni<WaitOutcome> await(WaiterId id, String principal, Duration atMost, BooleanSupplier gone) {
        calls.add("await " + id + " " + principal + " " + atMost.toMillis());
        isGone = gone;
        return Uni.createFrom().emitter(emitter -> held = emitter);
    }

    @Override
    public Uni<Boolean> withdraw(WaiterId id, Optional<String> principal) {
        calls.add("withdraw " + id + " " + principal.orElse("*"));
        return Uni.createFrom().item(principal.map(owner::equals).orElse(true));
    }

    @Override
    public Uni<WaiterPage> list(GrantFilter filter, Cursor after, int limit) {
        calls.add("list " + filter.principal().orElse("*") + " " + limit);
        return Uni.createFrom().item(new WaiterPage(List.of(), after));
    }

    @Override
    public Uni<WaiterPage> list(SessionId session, Cursor after, int limit) {
        calls.add("list " + session + " " + limit);
        return Uni.createFrom().item(new WaiterPage(List.of(), after));
    }

    /** Ends the held call. */
    public void ends(WaitOutcome outcome) {
        emitter().complete(outcome);
    }

    public void fails(Throwable failure) {
        emitter().fail(failure);
    }

    /** What the queue does every now and then while it holds a call. */
    boolean findsItGone() {
        return isGone.getAsBoolean();
    }

    private UniEmitter<? super WaitOutcome> emitter() {
        if (held == null) {
            throw new IllegalStateException("no call is held");
        }
        return held;
    }
}
