/**
 * Work that belongs to no sample: it is requested separately, retried and ended like any other
 * work, and keyed by its subject. Pure; depends on {@code pipeline} and {@link
 * dev.reelrank.flow.work}.
 */
@NullMarked
package dev.reelrank.flow.beside;

import org.jspecify.annotations.NullMarked;
