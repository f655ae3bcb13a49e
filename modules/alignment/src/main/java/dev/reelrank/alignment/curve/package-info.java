/**
 * The course of a training for people: TensorBoard event files and pictures of curves.
 *
 * <p>Handles named numbers and depends on no training code: pure Java and a chart library.
 */
@NullMarked
package dev.reelrank.alignment.curve;

import org.jspecify.annotations.NullMarked;
