/**
 * The course of a training as others look at it: TensorBoard event files and pictures of curves.
 *
 * <p>Knows numbers and their names, no training: pure Java and a chart library.
 */
@NullMarked
package dev.reelrank.alignment.curve;

import org.jspecify.annotations.NullMarked;
