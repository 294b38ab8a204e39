package io.lockgate.http.connection;

import io.vertx.core.http.HttpServerOptions;

/**
 * What holds for each connection of a server.
 *
 * @param decoderOptions the limits of lines, headers and chunks
 */
record ConnectionRules(ConnectionLimits limits, EarlyProblems problems, HttpServerOptions decoderOptions) {}
