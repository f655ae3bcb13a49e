/** LPIPS (Zhang and others, arXiv 1801.03924): how different two pictures look, by VGG16. */
@NullMarked
package dev.reelrank.geometry.lpips;

import org.jspecify.annotations.NullMarked;
