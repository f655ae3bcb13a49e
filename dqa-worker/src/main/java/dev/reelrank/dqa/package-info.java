/**
 * The dqa-worker: grades the winner of a sample on five kinds of evidence, and learns from
 * selections. It connects the models to the arithmetic of {@link dev.reelrank.grading}; the worker
 * shell connects it to the bus.
 */
@NullMarked
package dev.reelrank.dqa;

import org.jspecify.annotations.NullMarked;
