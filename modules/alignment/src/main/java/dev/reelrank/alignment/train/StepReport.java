package dev.reelrank.alignment.train;

import dev.reelrank.torch.MemoryReport;

/**
 * What one step did; figures are means over its pairs.
 *
 * @param step counted from 1
 * @param steps of the whole training
 * @param network trained in this step
 * @param loss before the step
 * @param winnerReward how much better than the reference the network fits the winners, times beta
 * @param loserReward the same of the losers
 * @param accuracy share of pairs whose winner's reward is above the loser's, 0..1
 * @param winnerError mean squared error on the winners
 * @param referenceWinnerError the reference's
 * @param loserError mean squared error on the losers
 * @param referenceLoserError the reference's
 * @param timestep mean of the timesteps drawn
 * @param gradientNorm length of the gradient before it was limited
 * @param learningRate of this step
 * @param seconds it took
 * @param memory of the first device after it
 */
public record StepReport(
        long step,
        int steps,
        String network,
        double loss,
        double winnerReward,
        double loserReward,
        double accuracy,
        double winnerError,
        double referenceWinnerError,
        double loserError,
        double referenceLoserError,
        double timestep,
        double gradientNorm,
        double learningRate,
        double seconds,
        MemoryReport memory) {
    /** How far the winners' reward is above the losers'. */
    public double margin() {
        return winnerReward - loserReward;
    }
}
