package dev.reelrank.alignment.loss;

/**
 * Mean squared errors of one pair, each over all numbers of a prediction, at one noise and one
 * timestep for all four.
 *
 * @param winner of the trained network on the preferred video
 * @param referenceWinner of the reference on the preferred video
 * @param loser of the trained network on the rejected video
 * @param referenceLoser of the reference on the rejected video
 */
public record PairErrors(
        double winner, double referenceWinner, double loser, double referenceLoser) {}
