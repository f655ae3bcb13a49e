/**
 * Events to bytes and back: {@link dev.reelrank.bus.codec.EventCodec} is all that others need.
 *
 * <p>The only package that knows Avro. A schema in {@code schemas/} describes an event; a mapping
 * checked when the codec is made joins it to the plain record in {@code dev.reelrank.pipeline}.
 */
@NullMarked
package dev.reelrank.bus.codec;

import org.jspecify.annotations.NullMarked;
