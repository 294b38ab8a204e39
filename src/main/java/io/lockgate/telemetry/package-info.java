/** Metrics: decorators around ports, so that the code behind them does not depend on metrics. */
@NullMarked
package io.lockgate.telemetry;

import org.jspecify.annotations.NullMarked;
