package io.lockgate.testing;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Calls that block for long, each on a thread of its own: the common pool has one on a small machine. */
public final class Background {
    private Background() {}

    public static <T> CompletableFuture<T> run(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> {
            Thread thread = new Thread(task, "background-call");
            thread.setDaemon(true);
            thread.start();
        });
    }
}
