/** Metrics: decorators around ports, so that the rooms behind them know nothing of being measured. */
@NullMarked
package io.lockgate.telemetry;

import org.jspecify.annotations.NullMarked;
