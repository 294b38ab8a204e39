package io.lockgate.range;

import static io.lockgate.testing.LockClient.X;
import static io.lockgate.testing.LockClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockgate.range.breaks.LockBreaker;
import io.lockgate.range.breaks.Undoing;
import io.lockgate.range.event.RangeEventLog;
import io.lockgate.range.queue.LockQueue;
import io.lockgate.testing.LockClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The model does with breaks what every store must do; and by a clock that stands still, to the millisecond. */
class InMemoryLockBreakerTest extends LockBreakerContract {
    private static final long MANY = 4_096;

    private final InMemoryRangeLockTable table = new InMemoryRangeLockTable(System::currentTimeMillis, false, MANY);
    private final InMemoryRangeEventLog log = table.events();

    @Override
    protected RangeLockTable table() {
        return table;
    }

    @Override
    protected LockBreaker breaker() {
        return table.breaker();
    }

    @Override
    protected LockQueue queue() {
        return table.queue();
    }

    @Override
    protected SessionTable sessions() {
        return table.sessions();
    }

    @Override
    protected RangeEventLog log() {
        return log;
    }

    // ------------------------------------------------------------------------------------------------ to the
    // millisecond

    private static final long BEGIN = 1_000_000;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final AtomicLong clock = new AtomicLong(BEGIN);
    private final InMemoryRangeLockTable timed = new InMemoryRangeLockTable(clock::get, false, MANY);
    private final LockBreaker breaks = timed.breaker();
    private final LockClient holder = LockClient.nlm(LockSpace.head(1), "A");

    private Optional<Duration> breaksIn(Grant grant) {
        return get(timed.find(grant.id())).map(Grant::stage).flatMap(stage -> ((Grant.Held) stage).breaksIn());
    }

    private boolean stands(Grant grant) {
        return get(timed.find(grant.id())).isPresent();
    }

    @Test
    @DisplayName("A break can be undone up to the last millisecond of its time, whether it was swept or not")
    void undoneInTime() {
        Grant grant = holder.granted(timed, X, 0, 10);
        get(breaks.breakNow(grant.id()));
        clock.addAndGet(LockBreaker.UNDO_WITHIN.toMillis() - 1);
        get(breaks.sweep());
        assertThat(get(breaks.undo(grant.id()))).isInstanceOf(Undoing.Restored.class);
        for (boolean swept : new boolean[] {false, true}) {
            get(breaks.breakNow(grant.id()));
            clock.addAndGet(LockBreaker.UNDO_WITHIN.toMillis());
            if (swept) {
                get(breaks.sweep());
            }
            assertThat(get(breaks.undo(grant.id()))).isInstanceOf(Undoing.NothingBroken.class);
            assertThat(stands(grant)).isFalse();
            grant = holder.granted(timed, X, 0, 10);
        }
    }

    @Test
    @DisplayName("A lock shows the time left to its break, down to zero, and stands until a sweep comes")
    void timeLeft() {
        Grant grant = holder.leasing(MINUTE).granted(timed, X, 0, 10);
        get(breaks.announce(grant.id(), Duration.ofMillis(100), "reason"));
        clock.addAndGet(99);
        assertThat(get(breaks.sweep())).isZero();
        assertThat(breaksIn(grant)).contains(Duration.ofMillis(1));
        clock.addAndGet(5);
        assertThat(breaksIn(grant)).contains(Duration.ZERO);
        assertThat(get(breaks.sweep())).isEqualTo(1);
        assertThat(stands(grant)).isFalse();
        assertThat(get(breaks.sweep())).isZero();
    }

    @Test
    @DisplayName("A restored lease ends when it would have ended, and one that has ended is not restored")
    void leaseAfterUndo() {
        Grant grant = holder.leasing(Duration.ofSeconds(20)).granted(timed, X, 0, 10);
        get(breaks.breakNow(grant.id()));
        clock.addAndGet(5_000);
        get(breaks.undo(grant.id()));
        assertThat(get(timed.find(grant.id())).map(Grant::expiresIn)).contains(Duration.ofSeconds(15));
        get(breaks.breakNow(grant.id()));
        clock.addAndGet(14_999);
        assertThat(get(breaks.undo(grant.id()))).isInstanceOf(Undoing.Restored.class);
        get(breaks.breakNow(grant.id()));
        clock.addAndGet(1);
        assertThat(get(breaks.undo(grant.id()))).isInstanceOf(Undoing.Expired.class);
    }

    @Test
    @DisplayName("A session that has expired since a break takes no lock back")
    void sessionAfterBreak() {
        if (!(get(timed.sessions().open("p", "", Duration.ofSeconds(10)))
                instanceof SessionOpening.Opened(Session s))) {
            throw new AssertionError("not opened");
        }
        Grant grant = holder.in(s.id()).granted(timed, X, 0, 10);
        get(breaks.breakNow(grant.id()));
        clock.addAndGet(9_999);
        assertThat(get(breaks.undo(grant.id()))).isInstanceOf(Undoing.Restored.class);
        get(breaks.breakNow(grant.id()));
        clock.addAndGet(1);
        assertThat(get(breaks.undo(grant.id()))).isInstanceOf(Undoing.Expired.class);
    }

    @Test
    @DisplayName("A lock stands since its oldest part was acquired, also when it was split, renewed and restored")
    void since() {
        Grant first = holder.leasing(MINUTE).granted(timed, X, 0, 10);
        clock.addAndGet(10);
        holder.leasing(MINUTE).granted(timed, X, 10, 10);
        clock.addAndGet(10);
        holder.released(timed, 5, 5);
        get(timed.renew(first.id(), Protocol.NLM, "p", MINUTE));
        get(breaks.breakNow(first.id()));
        clock.addAndGet(10);
        get(breaks.undo(first.id()));
        Grant right = holder.standing(timed).getLast();
        assertThat(right.range()).isEqualTo(holder.range(10, 10));
        for (Grant part : holder.standing(timed)) {
            assertThat(get(breaks.look(part.id())).orElseThrow().since()).isEqualTo(Instant.ofEpochMilli(BEGIN));
        }
    }

    @Test
    @DisplayName("A notice tells the time that is left when it is told")
    void noticeTellsTimeLeft() {
        Grant grant = holder.granted(timed, X, 0, 10);
        get(breaks.announce(grant.id(), MINUTE, "reason"));
        clock.addAndGet(1_000);
        assertThat(get(timed.confirm(grant.id(), Protocol.NLM, "p")))
                .isInstanceOfSatisfying(
                        Renewal.Renewed.class,
                        renewed -> assertThat(renewed.notices())
                                .singleElement()
                                .satisfies(notice -> assertThat(notice.in()).contains(Duration.ofSeconds(59))));
    }
}
