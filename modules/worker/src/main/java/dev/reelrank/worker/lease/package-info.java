/**
 * Sharing a device by capacity between the processes of a host, and of its containers: claims in a
 * folder that all of them mount, each under an operating system lock, so that a claim is gone with
 * its process however that ends.
 *
 * <p>Depends on the JDK, {@code pipeline} and what this host is.
 */
@NullMarked
package dev.reelrank.worker.lease;

import org.jspecify.annotations.NullMarked;
