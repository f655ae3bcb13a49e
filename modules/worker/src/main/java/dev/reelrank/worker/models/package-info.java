/**
 * Locations and contents of model files: folders by name, hub caches, fingerprints. Loads nothing.
 */
@NullMarked
package dev.reelrank.worker.models;

import org.jspecify.annotations.NullMarked;
