/**
 * The events that connect the processes: plain records here, Avro on the wire (the bus maps a
 * record to the schema of the same name in {@code schemas/}, component by component).
 */
@NullMarked
package dev.reelrank.pipeline.event;

import org.jspecify.annotations.NullMarked;
