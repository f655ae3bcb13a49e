/**
 * Reads a run's configuration from YAML: presets, files, overrides; every error names the key, the
 * line and the nearest valid name.
 */
@NullMarked
package dev.reelrank.client.config;

import org.jspecify.annotations.NullMarked;
