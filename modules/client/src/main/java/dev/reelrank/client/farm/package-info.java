/**
 * The farm on this machine: a supervisor process that keeps broker, flow and workers alive as long
 * as a run is attached, and the commands' way to attach. Nothing here knows what a stage does.
 */
@NullMarked
package dev.reelrank.client.farm;

import org.jspecify.annotations.NullMarked;
