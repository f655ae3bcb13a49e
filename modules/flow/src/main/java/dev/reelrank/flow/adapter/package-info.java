/**
 * Adapters: every training that ends makes a version, users import and retire them, and pairs that
 * flow itself finds in facts start trainings. Pure; depends on {@code pipeline}, {@link
 * dev.reelrank.flow.beside} and {@link dev.reelrank.flow.sample}.
 */
@NullMarked
package dev.reelrank.flow.adapter;

import org.jspecify.annotations.NullMarked;
