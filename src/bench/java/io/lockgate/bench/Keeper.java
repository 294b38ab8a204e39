package io.lockgate.bench;

import io.lockgate.bench.Swarm.Answer;
import io.lockgate.bench.Swarm.Line;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Holds leases and renews each at its own pace over a few connections, on a thread of its own. What is refused is
 * repeated after the time that the answer names, as a good client does.
 */
final class Keeper implements Runnable {
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PERIOD = Duration.ofMillis(1_500);
    private static final int LEASES_OF_LINE = 5;
    private static final int LEASES_OF_FILE = 25;

    private static final String RENEWAL = "{\"lease_ms\":" + LEASE.toMillis() + "}";

    private final List<URI> gateways;
    private final List<List<String>> users;
    private final int leases;
    private final long firstFile;
    private final Swarm swarm;
    private final List<Lease> all = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private final CountDownLatch unsteady;
    private final Latencies latencies = new Latencies();
    private final Latencies sinceDue = new Latencies();
    private final TreeMap<String, Integer> refused = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private int renewed;
    private int repeated;
    private int lost;
    private volatile boolean measuring;
    private volatile boolean over;

    /** @param users credentials; each has as many of the leases */
    Keeper(List<URI> gateways, List<List<String>> users, int leases, long firstFile, boolean http2) {
        this.swarm = new Swarm(http2);
        this.gateways = gateways;
        this.users = users;
        this.leases = leases;
        this.unsteady = new CountDownLatch(leases);
        this.firstFile = firstFile;
    }

    /** Until every lease has been renewed once. */
    void awaitSteady() throws InterruptedException {
        if (!unsteady.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the leases are not all taken and renewed in time");
        }
    }

    /** From now on it counts. */
    void measure() {
        measuring = true;
    }

    /** Ends the renewals; then it asks whether each lease stands, and gives it back. */
    void stop() {
        over = true;
    }

    int lost() {
        return lost;
    }

    int renewed() {
        return renewed;
    }

    double slowestMillis() {
        return latencies.size() == 0 ? 0 : latencies.millis(1);
    }

    double latestMillis() {
        return sinceDue.size() == 0 ? 0 : sinceDue.millis(1);
    }

    double p99Millis() {
        return latencies.size() == 0 ? 0 : latencies.millis(0.99);
    }

    /** What was refused, and how much of it was repeated in time. */
    String refused() {
        int count = refused.values().stream().mapToInt(Integer::intValue).sum();
        return count == 0 ? "none" : refused + ", repeated in time " + repeated + " of " + count;
    }

    /** Answers that nobody may get, and lost leases. */
    List<String> faults() {
        return faults;
    }

    @Override
    public void run() {
        for (int i = 0; i < leases; i++) {
            if (i % LEASES_OF_LINE == 0) {
                connections.add(new Connection(gateways.get(i / LEASES_OF_LINE % gateways.size())));
            }
            Connection connection = connections.getLast();
            Lease lease = new Lease(i, connection, users.get(i / LEASES_OF_LINE % users.size()));
            all.add(lease);
            // Spread over one period, so that they do not come as bursts of their own.
            swarm.after(PERIOD.multipliedBy(i).dividedBy(leases), () -> lease.due(System.nanoTime()));
        }
        swarm.run(Duration.ofHours(2), () -> over);
        all.forEach(Lease::end);
        boolean ended = swarm.run(PATIENCE, () -> all.stream().allMatch(lease -> lease.step == Step.ENDED));
        if (!ended) {
            faults.add("the leases could not all be looked at in the end");
        }
        swarm.close();
    }

    private enum Step {
        ACQUIRE,
        RENEW,
        LOOK,
        RELEASE,
        ENDED
    }

    /** One lease of one holder. */
    private final class Lease {
        private final String name;
        private final Connection connection;
        private final List<String> user;
        private final long file;
        private Step step = Step.ACQUIRE;
        private byte[] request;
        private long due;
        private String id = "";
        private int refusals;
        private boolean waiting;
        private boolean steady;

        Lease(int number, Connection connection, List<String> user) {
            this.name = "keeper-" + number;
            this.connection = connection;
            this.user = user;
            this.file = firstFile + number / LEASES_OF_FILE;
            // No two touch, so none is merged into another.
            this.request = request(
                    "POST",
                    "/v1/files/" + file + "/locks/nlm/byte-range/",
                    "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\""
                            + 1_000 * (number % LEASES_OF_FILE)
                            + "\",\"size\":\"100\",\"owner_id\":\"" + name + "\",\"lease_ms\":" + LEASE.toMillis()
                            + "}");
        }

        private byte[] request(String method, String target, String json) {
            return Swarm.request(method, target, connection.gateway, user, json.isEmpty() ? null : json);
        }

        /** Its next request is due; behind the others of its connection. */
        private void due(long when) {
            due = when;
            if (!waiting) {
                waiting = true;
                connection.add(this);
            }
        }

        private void later(Duration pause) {
            long next = Math.max(due + pause.toNanos(), System.nanoTime());
            Step now = step;
            swarm.at(next, () -> {
                if (step == now) {
                    due(next);
                }
            });
        }

        void answered(Answer answer, long sent) {
            switch (step) {
                case ACQUIRE -> acquired(answer);
                case RENEW -> renewed(answer, sent);
                case LOOK -> looked(answer);
                case RELEASE, ENDED -> step = Step.ENDED;
            }
        }

        private void acquired(Answer answer) {
            if (answer.status() != 200) {
                note(answer);
                later(Duration.ofSeconds(1));
                return;
            }
            id = answer.json().get("grant_id").textValue();
            request = request("POST", "/v1/files/locks/nlm/grants/" + id + "/renew", RENEWAL);
            step = Step.RENEW;
            later(PERIOD);
        }

        private void renewed(Answer answer, long sent) {
            long now = System.nanoTime();
            if (answer.status() == 200) {
                if (measuring) {
                    latencies.add(now - sent);
                    sinceDue.add(now - due);
                    renewed++;
                    repeated += refusals;
                }
                refusals = 0;
                if (!steady) {
                    steady = true;
                    unsteady.countDown();
                }
                if (over) {
                    look();
                } else {
                    later(PERIOD);
                }
            } else if (answer.status() == 404 || answer.status() == 409) {
                lose("renewal", answer);
            } else {
                if (measuring) {
                    refused.merge(status(answer), 1, Integer::sum);
                    refusals++;
                }
                note(answer);
                later(Duration.ofSeconds(Math.max(1, answer.retryAfter())));
            }
        }

        private void looked(Answer answer) {
            if (answer.status() == 200) {
                step = Step.RELEASE;
                request = request("DELETE", "/v1/files/locks/nlm/grants/" + id, "");
                due(System.nanoTime());
            } else if (answer.status() == 404) {
                lose("at the end", answer);
            } else {
                note(answer);
                later(Duration.ofMillis(500));
            }
        }

        private void lose(String when, Answer answer) {
            lost++;
            step = Step.ENDED;
            faults.add("LOST, " + when + " of " + name + ": " + answer);
        }

        /** No more renewals, but the one under way. */
        void end() {
            if (step == Step.ACQUIRE) {
                faults.add(name + " was never acquired");
                step = Step.ENDED;
            } else if (step == Step.RENEW && !waiting) {
                look();
            }
        }

        /** Does it still stand? */
        private void look() {
            step = Step.LOOK;
            request = request("GET", "/v1/files/locks/nlm/grants/" + id, "");
            due(System.nanoTime());
        }
    }

    private static String status(Answer answer) {
        boolean passing = answer.status() == 429 || answer.status() == 503;
        return answer.status() + (passing && answer.retryAfter() < 0 ? " without Retry-After" : "");
    }

    private void note(Answer answer) {
        boolean passing = answer.status() == 429 || answer.status() == 503;
        if (!passing || answer.retryAfter() < 0) {
            faults.add(String.format(Locale.ROOT, "a renewing client got %s: %s", status(answer), answer));
        }
    }

    /** A connection with some leases; one request at a time. */
    private final class Connection implements Swarm.Client {
        private final URI gateway;
        private final Line line;
        private final ArrayDeque<Lease> queue = new ArrayDeque<>();
        private long sent;

        Connection(URI gateway) {
            this.gateway = gateway;
            this.line = swarm.line(gateway, this);
        }

        void add(Lease lease) {
            queue.add(lease);
            next();
        }

        private void next() {
            Lease lease = queue.peek();
            if (lease != null && !line.isOwed()) {
                sent = System.nanoTime();
                line.send(lease.request);
            }
        }

        @Override
        public void answered(Line same, Answer answer) {
            Lease lease = queue.remove();
            lease.waiting = false;
            lease.answered(answer, sent);
            next();
        }

        @Override
        public void gone(Line same, String why) {
            faults.add("a renewing client's connection: " + why);
            // Once more, as a client would.
            swarm.after(Duration.ofMillis(100), this::next);
        }
    }
}
