/**
 * Sharing a device by capacity between the processes of a host, including those in containers:
 * claims in a folder that all of them see, each under an operating system lock, so that a claim
 * disappears with its process, however the process ends.
 *
 * <p>Depends on the JDK, {@code pipeline} and information about this host.
 */
@NullMarked
package dev.reelrank.worker.lease;

import org.jspecify.annotations.NullMarked;
