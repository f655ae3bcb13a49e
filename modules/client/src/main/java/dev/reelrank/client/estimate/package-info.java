/**
 * How long a run would take on a farm of another size. Pure functions of what earlier runs cost
 * ({@code client.results}).
 */
@NullMarked
package dev.reelrank.client.estimate;

import org.jspecify.annotations.NullMarked;
