package io.lockgate.bench;

import io.lockgate.testing.GatewayProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Acquires and releases by which a packaged gateway is warmed up, filled or taught. */
final class LockRounds {
    /** Of the first user, and his password. */
    static final String USER = "bench";

    static final String PASSWORD = "bench-password";

    private LockRounds() {}

    /** So many acquires and releases, together, over eight connections. */
    static void run(GatewayProcess packaged, int requests) {
        String token;
        try (HttpLine line = new HttpLine(packaged.uri(), List.of())) {
            token = line.post("/v1/session/login", "{\"username\":\"" + USER + "\",\"password\":\"" + PASSWORD + "\"}")
                    .json()
                    .get("bearer_token")
                    .textValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<CompletableFuture<Void>> clients = IntStream.range(0, 8)
                .mapToObj(client -> CompletableFuture.runAsync(
                        () -> client(packaged, token, client, requests / 16), command -> new Thread(command).start()))
                .toList();
        clients.forEach(CompletableFuture::join);
    }

    private static void client(GatewayProcess packaged, String token, int client, int rounds) {
        try (HttpLine line = new HttpLine(packaged.uri(), List.of("Authorization: Bearer " + token))) {
            for (int i = 0; i < rounds; i++) {
                String path = "/v1/files/" + (1_000 + i % 100) + "/locks/nlm/byte-range/";
                int acquired = line.post(
                                path,
                                "{\"mode\":[\"API_BYTE_RANGE_EXCLUSIVE\"],\"offset\":\"" + client * 100
                                        + "\",\"size\":\"100\",\"owner_id\":\"c" + client + "\"}")
                        .status();
                int released = line.delete(path + "?offset=" + client * 100 + "&size=100&owner_id=c" + client)
                        .status();
                if (acquired != 200 || released != 200) {
                    throw new IllegalStateException(acquired + ", " + released);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
