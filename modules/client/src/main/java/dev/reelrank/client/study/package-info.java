/**
 * Studies over configurations: the file that describes one, and the runs that it asks a farm for.
 */
@NullMarked
package dev.reelrank.client.study;

import org.jspecify.annotations.NullMarked;
