/**
 * Studies: configurations over the same samples, compared. Arithmetic, tables, figures and pages;
 * it loads no model and reads no topic.
 */
@NullMarked
package dev.reelrank.evaluation.study;

import org.jspecify.annotations.NullMarked;
