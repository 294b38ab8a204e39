package io.lockgate.http.connection;

import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.http.HttpServerOptions;
import java.util.function.Function;

/**
 * What holds for each connection of a server.
 *
 * @param turns of the requests of an event loop
 * @param decoderOptions the limits of lines, headers and chunks
 */
record ConnectionRules(
        ConnectionLimits limits,
        EarlyProblems problems,
        Urgency urgency,
        Function<EventExecutor, Turns> turns,
        HttpServerOptions decoderOptions) {}
