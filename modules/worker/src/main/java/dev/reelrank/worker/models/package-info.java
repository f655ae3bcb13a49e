/**
 * Where models lie and what their files contain: folders by name, hub caches, fingerprints. Loads
 * nothing.
 */
@NullMarked
package dev.reelrank.worker.models;

import org.jspecify.annotations.NullMarked;
