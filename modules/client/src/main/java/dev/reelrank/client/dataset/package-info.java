/**
 * A dataset on disk: {@code images/<sample_id>.png}, {@code prompts/<sample_id>.txt}, and
 * optionally {@code subjects/<sample_id>.txt}.
 */
@NullMarked
package dev.reelrank.client.dataset;

import org.jspecify.annotations.NullMarked;
