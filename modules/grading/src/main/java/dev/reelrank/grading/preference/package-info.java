/**
 * The preference model: a linear head on frozen features, trained on pairs with the DPO loss
 * against its previous version.
 */
@NullMarked
package dev.reelrank.grading.preference;

import org.jspecify.annotations.NullMarked;
