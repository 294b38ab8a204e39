package io.lockgate.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * What takes part in {@link Compare}: servers that grant and release the records of its clients, started for it and
 * stopped by it.
 */
interface Competitor extends AutoCloseable {
    /** Files that the records are in. */
    int FILES = 64;

    /** Bytes of a record. */
    int RECORD = 64;

    /** The first file. */
    long FIRST_FILE = 4_000_000;

    /** The processes that a competitor consists of. */
    record Processes(List<ProcessHandle> server, List<ProcessHandle> redis, List<ProcessHandle> others) {
        /** All of them. */
        List<ProcessHandle> all() {
            return Stream.of(server, redis, others).flatMap(List::stream).toList();
        }
    }

    /** The record that a client acquires and releases; no other client does. */
    record Place(int client) {
        long file() {
            return FIRST_FILE + client % FILES;
        }

        long offset() {
            return (long) client / FILES * RECORD;
        }

        String owner() {
            return "client-" + client;
        }
    }

    InetSocketAddress server();

    Framing framing();

    /** What so many clients say, each over a connection of its own. For the next minutes: credentials and leases end. */
    List<ClosedLoop.Client> clients(int number) throws IOException;

    Processes processes();

    /** Whether it gets faster for a minute, as Java does. */
    default boolean compilesItself() {
        return false;
    }

    /** How many records one request acquires or releases. */
    default int ranges() {
        return 1;
    }

    /** How it was started, as far as its figures depend on it. */
    String about();

    @Override
    void close();
}
