/**
 * How files get onto a disk: whole or not at all. Everything may depend on this package; it depends
 * only on the JDK.
 */
@NullMarked
package dev.reelrank.pipeline.file;

import org.jspecify.annotations.NullMarked;
