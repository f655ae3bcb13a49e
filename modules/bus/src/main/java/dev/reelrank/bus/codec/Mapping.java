package dev.reelrank.bus.codec;

import org.jspecify.annotations.Nullable;

/** Joins the values of one schema to those of one Java type. */
interface Mapping {
    @Nullable Object toAvro(@Nullable Object java);

    @Nullable Object toJava(@Nullable Object avro);
}
