/**
 * The farm on this machine: a supervisor process that keeps broker, flow and workers alive as long
 * as a command is attached, and the code with which commands attach to it.
 */
@NullMarked
package dev.reelrank.client.farm;

import org.jspecify.annotations.NullMarked;
