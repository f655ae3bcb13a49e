package dev.reelrank.alignment.loss;

/**
 * What a pair teaches.
 *
 * @param loss to be made small
 * @param winnerSlope change of the loss with the trained network's error on the winner
 * @param loserSlope change of the loss with the trained network's error on the loser
 * @param winnerReward how much better than the reference the trained network fits the winner, times
 *     beta: above 0 is better
 * @param loserReward the same of the loser
 */
public record PairLoss(
        double loss,
        double winnerSlope,
        double loserSlope,
        double winnerReward,
        double loserReward) {
    /** How far the winner's reward is above the loser's. */
    public double margin() {
        return winnerReward - loserReward;
    }

    /** Whether the trained network prefers the winner more than the reference does. */
    public boolean correct() {
        return margin() > 0;
    }
}
