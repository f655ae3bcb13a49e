/**
 * The arithmetic of the quality grade: five kinds of evidence become one score, a letter and a
 * reason. Pure functions over numbers; no engine, no files, no bus. The dqa-worker runs the models
 * that produce the numbers.
 */
@NullMarked
package dev.reelrank.grading;

import org.jspecify.annotations.NullMarked;
