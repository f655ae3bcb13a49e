/**
 * VBench's definitions (Huang et al. 2024, repository Vchitect/VBench) over features and pixels
 * that other code computed. Where another model replaces VBench's own, the dimension has its own
 * name and a range of its own.
 */
@NullMarked
package dev.reelrank.grading.benchmark;

import org.jspecify.annotations.NullMarked;
