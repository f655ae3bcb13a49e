/** Plans: which repositories, which of their files, and the folder that they become. */
@NullMarked
package dev.reelrank.hub.plan;

import org.jspecify.annotations.NullMarked;
