package io.lockgate.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/**
 * The main class of what is shipped: says what must be said before any class of the HTTP layer is loaded, and starts.
 */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String... args) {
        leaveUrisToDoors();
        RequiredSettings.fault().ifPresent(line -> {
            System.err.println(line);
            System.exit(1);
        });
        Quarkus.run(args);
    }

    /**
     * Turns off the check that answers a broken URI before any door sees it, with no body and so in no door's shape
     * ({@code VertxHttpRecorder}, Quarkus 3.34). The doors check instead, more strictly: {@link
     * io.lockgate.door.UriCheck}. For the native image the same is in {@code quarkus.native.additional-build-args},
     * for tests in the pom.
     */
    static void leaveUrisToDoors() {
        System.setProperty("vertx.disableURIValidation", "true");
    }
}
