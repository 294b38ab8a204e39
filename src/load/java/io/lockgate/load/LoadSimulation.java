package io.lockgate.load;

import static io.gatling.javaapi.core.CoreDsl.constantUsersPerSec;
import static io.gatling.javaapi.core.CoreDsl.doIf;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.nothingFor;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.Assertion;
import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Choice;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Session;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import io.lockgate.load.Callers.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What Gatling runs. Each operation is a virtual user of its own, who comes at his moment whether those before him are served or not: an
 * open model. Gatling makes the object, so what it needs comes from {@link Run}.
 */
public final class LoadSimulation extends Simulation {

    /** Called by Gatling. */
    public LoadSimulation() {
        Run run = Run.current();
        Parameters parameters = run.stage().parameters();
        double rate = parameters.rate();
        Duration warmUp = parameters.time("warm-up");
        String title = parameters.scenario().title();
        List<PopulationBuilder> populations = new ArrayList<>();
        if (warmUp.isPositive()) {
            populations.add(scenario("warm-up")
                    .exec(operation(run, false))
                    .injectOpen(constantUsersPerSec(rate).during(warmUp)));
        }
        populations.add(scenario(title)
                .exec(operation(run, true))
                .injectOpen(nothingFor(warmUp), constantUsersPerSec(rate).during(parameters.time("duration"))));
        SetUp setUp = setUp(populations).protocols(protocol(parameters));
        setUp.assertions(limits(parameters));
    }

    /** Shown in the report. That nothing unexpected came cannot be said here: Gatling does not tell it from being told to wait. */
    private static List<Assertion> limits(Parameters parameters) {
        List<Assertion> limits = new ArrayList<>();
        Duration maxP99 = parameters.time("max-p99");
        if (maxP99.isPositive()) {
            limits.add(global().responseTime().percentile(99.0).lte(Math.toIntExact(maxP99.toMillis())));
        }
        int maxToldToWait = parameters.number("max-told-to-wait");
        if (maxToldToWait < 100) {
            limits.add(global().failedRequests().percent().lte((double) maxToldToWait));
        }
        return limits;
    }

    /** Connections are shared, as a service that calls the gateway for many users keeps them; each operation making its own is not. */
    private static HttpProtocolBuilder protocol(Parameters parameters) {
        return http.baseUrls(parameters.urls())
                .shareConnections()
                .disableUrlEncoding()
                .disableFollowRedirect()
                .disableCaching()
                .contentTypeHeader("application/json")
                .acceptHeader("application/json")
                .userAgentHeader("lockgate-load")
                .authorizationHeader("Bearer #{bearer}");
    }

    private static ChainBuilder operation(Run run, boolean measured) {
        Stage stage = run.stage();
        Calls calls = new Calls(run.tally(), measured);
        List<Caller> callers = stage.callers();
        AtomicInteger turn = new AtomicInteger();
        double rate = stage.parameters().rate();
        return exec(session -> {
                    if (measured) {
                        run.tally().arrived(rate);
                    }
                    Caller caller = callers.get(Math.floorMod(turn.getAndIncrement(), callers.size()));
                    return begin(session, caller);
                })
                .exec(doIf(session -> run.goesOn()).then(chain(stage, calls)));
    }

    private static Session begin(Session session, Caller caller) {
        return Calls.begin(session).set("bearer", caller.token()).set("sid", caller.sid());
    }

    private static ChainBuilder chain(Stage stage, Calls calls) {
        FileOperations files = new FileOperations(stage, calls);
        return switch (stage.parameters().scenario()) {
            case RECORDS -> files.record();
            case HOT_FILE -> files.hotFile();
            case HEADER -> files.header();
            case BATCHES -> files.batch(stage.parameters().number("batch-size"));
            case LISTS ->
                exec(session -> begin(session, stage.callers().getFirst())).exec(files.walk());
            case RENEWALS -> files.renewal();
            case MIXED -> mixed(stage, files, new OtherOperations(stage, calls));
        };
    }

    private static ChainBuilder mixed(Stage stage, FileOperations files, OtherOperations others) {
        int all = stage.parts().values().stream().mapToInt(Integer::intValue).sum();
        List<Choice.WithWeight> choices = new ArrayList<>();
        stage.parts().forEach((part, share) -> {
            ChainBuilder chain =
                    switch (part) {
                        case FILES -> files(files);
                        case DISTRIBUTION -> others.distribution();
                        case ADMIN -> others.admin();
                        case COURSES -> others.courses();
                    };
            choices.add(percent(100.0 * share / all).then(chain));
        });
        return exec(randomSwitch().on(choices));
    }

    private static ChainBuilder files(FileOperations files) {
        return exec(randomSwitch()
                .on(
                        percent(50).then(files.guardedRecord()),
                        percent(10).then(files.hotFile()),
                        percent(20).then(files.header()),
                        percent(10).then(files.batch(10)),
                        percent(10).then(files.look())));
    }
}
