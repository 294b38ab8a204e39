package io.lockgate.bench;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Runs {@link LoadCheck} from the command line. */
public final class HttpLoad {
    private HttpLoad() {}

    /**
     * Options: --url, --redis, --header (repeatable), --clients n, --files n, --seconds n, --flush-scripts-every 5s.
     * Exit code 1 when the check fails.
     */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(
                arguments,
                Set.of(),
                Set.of("url", "redis", "header", "clients", "files", "seconds", "flush-scripts-every"));
        LoadCheck.Report report;
        try (Gateway gateway = Gateway.of(options)) {
            Optional<LoadCheck.FlushScripts> flush = options.duration("flush-scripts-every")
                    .map(every -> new LoadCheck.FlushScripts(redisOf(gateway), every));
            report = LoadCheck.run(new LoadCheck.Plan(
                    gateway.uri(),
                    gateway.headers(options.all("header")),
                    options.number("clients", 200),
                    options.number("files", 3),
                    Duration.ofSeconds(options.number("seconds", 60)),
                    flush));
        }
        System.out.println(report);
        System.exit(report.passed() ? 0 : 1);
    }

    private static URI redisOf(Gateway gateway) {
        return gateway.redis()
                .orElseThrow(() -> new IllegalArgumentException("--flush-scripts-every needs --redis with --url"));
    }
}
