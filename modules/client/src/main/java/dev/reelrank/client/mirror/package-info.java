/**
 * Facts for clients that know neither Java nor our encoding: copies of the topics, as JSON or as a
 * schema registry's clients read them.
 */
@NullMarked
package dev.reelrank.client.mirror;

import org.jspecify.annotations.NullMarked;
