/**
 * One work item: how it waits, is emitted, fails, is emitted again and ends. Pure; knows {@code
 * pipeline} only.
 */
@NullMarked
package dev.reelrank.flow.work;

import org.jspecify.annotations.NullMarked;
