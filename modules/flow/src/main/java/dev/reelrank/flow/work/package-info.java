/**
 * One work item: how it waits, is emitted, fails, is emitted again and ends. Pure; depends only on
 * {@code pipeline}.
 */
@NullMarked
package dev.reelrank.flow.work;

import org.jspecify.annotations.NullMarked;
