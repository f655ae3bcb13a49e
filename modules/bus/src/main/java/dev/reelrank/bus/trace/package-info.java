/**
 * OpenTelemetry over the bus: the processing of a sample is one trace, from the command that
 * submitted it through every stage, carried in the records' headers (W3C trace context). Depends on
 * OpenTelemetry and on the events; only the bus and the processes that publish use it.
 */
@NullMarked
package dev.reelrank.bus.trace;

import org.jspecify.annotations.NullMarked;
