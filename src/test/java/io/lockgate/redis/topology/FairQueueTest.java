package io.lockgate.redis.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Redis is played by hand here: it works off what it was sent in the order of arrival, one call at a time. */
@Timeout(60)
class FairQueueTest {
    private static final int WINDOW = 10;

    private final List<Runnable> alarms = new ArrayList<>();
    private final ArrayDeque<Call> sent = new ArrayDeque<>();
    private final List<Call> ended = new ArrayList<>();
    private FairQueue queue = new FairQueue(WINDOW, 1_000, (millis, action) -> alarms.add(action));

    /** A call that notes what becomes of it. */
    private final class Call implements FairQueue.Waiting {
        private final String principal;
        private final int cost;
        private boolean late;
        private String fate = "waiting";

        Call(String principal, int cost) {
            this.principal = principal;
            this.cost = cost;
        }

        @Override
        public String principal() {
            return principal;
        }

        @Override
        public int cost() {
            return cost;
        }

        @Override
        public boolean inVain() {
            return late;
        }

        @Override
        public void start() {
            assertThat(fate).isEqualTo("waiting");
            fate = "sent";
            sent.add(this);
        }

        @Override
        public void refuse() {
            assertThat(fate).isEqualTo("waiting");
            fate = "refused";
        }

        @Override
        public void leave() {
            assertThat(fate).isEqualTo("waiting");
            fate = "left";
        }
    }

    private Call call(String principal, int cost) {
        Call call = new Call(principal, cost);
        if (queue.tryBegin(cost)) {
            call.start();
        } else {
            queue.await(call);
        }
        return call;
    }

    private List<Call> calls(int count, String principal, int cost) {
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(call(principal, cost));
        }
        return calls;
    }

    /** The oldest call that was sent has its answer. */
    private Call answer() {
        Call call = sent.remove();
        call.fate = "ended";
        ended.add(call);
        queue.done(call.cost);
        return call;
    }

    private void answerAll() {
        while (!sent.isEmpty()) {
            answer();
        }
    }

    /** Work done for each principal so far. */
    private Map<String, Integer> work() {
        Map<String, Integer> work = new HashMap<>();
        ended.forEach(call -> work.merge(call.principal, call.cost, Integer::sum));
        return work;
    }

    private void look() {
        List<Runnable> due = List.copyOf(alarms);
        alarms.clear();
        due.forEach(Runnable::run);
    }

    @Test
    @DisplayName("While the window has room every call goes at once, and no principal is tracked")
    void room() {
        for (int i = 0; i < 100; i++) {
            assertThat(calls(WINDOW, "A", 1)).allMatch(call -> call.fate.equals("sent"));
            answerAll();
        }
        assertThat(queue.principals()).isZero();
        assertThat(alarms).isEmpty();
    }

    @Test
    @DisplayName("Beyond the window calls wait; a call larger than the window goes as soon as there is any room")
    void window() {
        call("A", WINDOW - 1);
        Call large = call("A", 100 * WINDOW);
        Call next = call("A", 1);
        assertThat(large.fate).isEqualTo("sent");
        assertThat(next.fate).isEqualTo("waiting");
        answer();
        assertThat(next.fate).isEqualTo("waiting");
        answer();
        assertThat(next.fate).isEqualTo("sent");
        answerAll();
        assertThat(queue.waiting()).isZero();
        assertThat(queue.principals()).isZero();
    }

    @Test
    @DisplayName("Calls of one principal go in the order in which they came")
    void order() {
        List<Call> asked = calls(50, "A", 3);
        answerAll();
        assertThat(ended).containsExactlyElementsOf(asked);
    }

    @Test
    @DisplayName("A new principal's call is next, however long another queue is")
    void newcomer() {
        calls(16, "flood", 100);
        answer();
        answer();
        Call single = call("B", 1);
        assertThat(sent).hasSize(1);
        answer();
        assertThat(single.fate).isEqualTo("sent");
    }

    @Test
    @DisplayName("While both wait, a principal with batches of 100 and one with single calls get as much work done")
    void byCost() {
        queue = new FairQueue(WINDOW, 10_000, (millis, action) -> alarms.add(action));
        calls(40, "batches", 100);
        calls(3_000, "singles", 1);
        for (int i = 0; i < 2_000; i++) {
            answer();
            Map<String, Integer> work = work();
            // One batch of the one, and what was sent before the other came.
            assertThat(work.getOrDefault("batches", 0) - work.getOrDefault("singles", 0))
                    .isBetween(-100 - WINDOW, 200 + WINDOW);
        }
        answerAll();
        assertThat(work()).isEqualTo(Map.of("batches", 4_000, "singles", 3_000));
    }

    @Test
    @DisplayName("Twenty principals get the same, whatever the number of their calls")
    void equalShares() {
        for (int i = 0; i < 20; i++) {
            calls(20 + i, "user " + i, 1);
        }
        ended.clear();
        for (int i = 0; i < 20 * 10; i++) {
            answer();
        }
        // But for the first, whose calls went before anybody else was there.
        Map<String, Integer> work = work();
        work.remove("user 0");
        assertThat(work).hasSize(19);
        assertThat(work.values()).allSatisfy(done -> assertThat(done).isBetween(9, 11));
    }

    @Test
    @DisplayName("An unused share is not saved up: an idle principal shares from its next call on")
    void nothingSaved() {
        calls(500, "A", 1);
        for (int i = 0; i < 200; i++) {
            answer();
        }
        calls(200, "B", 1);
        ended.clear();
        for (int i = 0; i < 100; i++) {
            answer();
        }
        assertThat(work().get("B")).isBetween(40, 50);
    }

    @Test
    @DisplayName("The system has one share like a user: it neither starves others nor is starved")
    void system() {
        calls(100, "A", 1);
        calls(100, "B", 1);
        calls(50, CallCost.SYSTEM, 1);
        ended.clear();
        for (int i = 0; i < 90; i++) {
            answer();
        }
        assertThat(work().get(CallCost.SYSTEM)).isBetween(20, 30);
        assertThat(work().get("B")).isBetween(20, 30);
    }

    @Test
    @DisplayName("If all places are taken, the longest queue loses its last call to a new one")
    void crowded() {
        queue = new FairQueue(1, 10, (millis, action) -> alarms.add(action));
        List<Call> flood = calls(10, "flood", 1);
        assertThat(call("flood", 1).fate).isEqualTo("refused");
        Call other = call("B", 1);
        assertThat(other.fate).isEqualTo("waiting");
        assertThat(flood.getLast().fate).isEqualTo("refused");
        calls(3, "B", 1);
        assertThat(flood.subList(6, 10)).allMatch(call -> call.fate.equals("refused"));
        assertThat(queue.waiting()).isEqualTo(9);
        Call third = call("C", 1);
        assertThat(third.fate).isEqualTo("waiting");
        assertThat(flood.get(5).fate).isEqualTo("refused");
        assertThat(call("B", 1).fate).as("as many as the longest").isEqualTo("refused");
        answerAll();
        assertThat(ended).hasSize(10);
    }

    @Test
    @DisplayName("If nine principals have one call each, a tenth is refused rather than one of them")
    void crowdedByMany() {
        queue = new FairQueue(1, 10, (millis, action) -> alarms.add(action));
        for (int i = 0; i < 10; i++) {
            call("user " + i, 1);
        }
        assertThat(call("user 10", 1).fate).isEqualTo("refused");
        answerAll();
        assertThat(ended).hasSize(10);
    }

    @Test
    @DisplayName("A call whose time is over leaves the queue and does not count against its principal's share")
    void late() {
        calls(WINDOW, "A", 1);
        List<Call> gone = calls(3, "A", 1);
        Call stays = call("B", 1);
        assertThat(alarms).hasSize(1);
        gone.forEach(call -> call.late = true);
        look();
        assertThat(gone).allMatch(call -> call.fate.equals("left"));
        assertThat(stays.fate).isEqualTo("waiting");
        assertThat(queue.waiting()).isEqualTo(1);
        assertThat(alarms).as("one still waits").hasSize(1);
        answerAll();
        assertThat(stays.fate).isEqualTo("ended");
        look();
        assertThat(alarms).as("nobody waits").isEmpty();
        calls(WINDOW + 1, "A", 1);
        assertThat(alarms).as("and somebody again").hasSize(1);
        answerAll();
    }

    @Test
    @DisplayName("Principals with a single call are forgotten while others go on waiting")
    void forgotten() {
        queue = new FairQueue(1, 64, (millis, action) -> alarms.add(action));
        calls(30, "A", 1);
        for (int i = 0; i < 10_000; i++) {
            call("user " + i, 1);
            call("A", 1);
            answer();
            answer();
            assertThat(queue.principals()).isLessThanOrEqualTo(64);
        }
        answerAll();
        assertThat(queue.principals()).isZero();
    }

    @Test
    @DisplayName("For any order of calls each ends exactly once, the window is respected, and none is left behind")
    void anything() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            queue = new FairQueue(
                    1 + random.nextInt(20), 5 + random.nextInt(50), (millis, action) -> alarms.add(action));
            sent.clear();
            ended.clear();
            alarms.clear();
            List<Call> all = new ArrayList<>();
            for (int step = 0; step < 500; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1, 2 -> all.add(call("user " + random.nextInt(4), 1 + random.nextInt(30)));
                    case 3 -> {
                        if (!sent.isEmpty()) {
                            answer();
                        }
                    }
                    default -> {
                        all.stream().filter(call -> random.nextInt(50) == 0).forEach(call -> call.late = true);
                        look();
                    }
                }
                assertThat(queue.waiting() == 0 || !sent.isEmpty())
                        .as("somebody waits for nobody")
                        .isTrue();
            }
            answerAll();
            assertThat(queue.waiting()).isZero();
            assertThat(all).allMatch(call -> List.of("ended", "refused", "left").contains(call.fate));
            assertThat(ended).hasSize((int)
                    all.stream().filter(call -> call.fate.equals("ended")).count());
        }
    }

    @Test
    @DisplayName("Concurrent threads lose no call and start none twice")
    void threads() throws Exception {
        AtomicInteger done = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        FairQueue shared = new FairQueue(4, 100_000, (millis, action) -> {});
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int t = 0; t < 4; t++) {
                String principal = "user " + t % 2;
                threads.execute(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        calls.incrementAndGet();
                        if (shared.tryBegin(1)) {
                            done.incrementAndGet();
                            shared.done(1);
                        } else {
                            shared.await(new Counted(principal, threads, shared, done));
                        }
                    }
                });
            }
            await().until(() -> calls.get() == 20_000 && done.get() == 20_000);
        }
        assertThat(shared.waiting()).isZero();
    }

    private record Counted(String principal, ExecutorService threads, FairQueue queue, AtomicInteger done)
            implements FairQueue.Waiting {
        @Override
        public int cost() {
            return 1;
        }

        @Override
        public boolean inVain() {
            return false;
        }

        @Override
        public void start() {
            threads.execute(() -> {
                done.incrementAndGet();
                queue.done(1);
            });
        }

        @Override
        public void refuse() {
            throw new IllegalStateException("there are places enough");
        }

        @Override
        public void leave() {
            throw new IllegalStateException("nothing is late");
        }
    }
}
