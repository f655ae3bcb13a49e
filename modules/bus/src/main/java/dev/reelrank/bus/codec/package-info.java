/**
 * Encodes and decodes events: other code needs only {@link dev.reelrank.bus.codec.EventCodec}.
 *
 * <p>The only package that uses Avro. A schema in {@code schemas/} describes an event. A mapping,
 * which is checked when the codec is created, connects the schema with the plain record in {@code
 * dev.reelrank.pipeline}.
 */
@NullMarked
package dev.reelrank.bus.codec;

import org.jspecify.annotations.NullMarked;
