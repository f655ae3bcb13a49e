package dev.reelrank.alignment.loss;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Locale;

/**
 * Direct preference optimisation on the errors of a denoiser (Wallace and others, Diffusion Model
 * Alignment Using Direct Preference Optimization, 2023).
 *
 * <p>With {@code m = factor · beta · ((referenceWinner − winner) − (referenceLoser − loser))}:
 *
 * <ul>
 *   <li>{@link Shape#SIGMOID}: {@code −(1 − s) · log σ(m) − s · log σ(−m)}, s the label smoothing
 *       (Mitchell, A note on DPO with noisy preferences, 2023);
 *   <li>{@link Shape#HINGE}: {@code max(0, 1 − m)} (Zhao and others, SLiC-HF, 2023).
 * </ul>
 *
 * <p>Added to it: {@code supervised · winner}, which keeps the winner's own error from growing
 * while the loser's grows faster. Untrained, when errors equal the reference's, the sigmoid's loss
 * is ln 2 plus the supervised term.
 *
 * @param beta how strongly the network is held to its reference; 2500 in Video-DPO, 1 in VideoGPA.
 *     Errors are means, so it does not depend on the video's size. 0 is plain fine-tuning on the
 *     winners: only the supervised term is left, which must be above 0 then
 * @param factor 1, or 0.5 as in Diffusion-DPO's code
 * @param labelSmoothing share of pairs taken to be labelled the wrong way round, 0 up to 0.5
 * @param supervised weight of the winner's own error, at least 0
 */
public record PreferenceLoss(
        Shape shape, double beta, double factor, double labelSmoothing, double supervised) {
    /** How the margin becomes a loss. */
    public enum Shape {
        SIGMOID,
        HINGE;

        /** {@code sigmoid} or {@code hinge}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Reads an {@link #id}. */
        public static Shape parse(String text) {
            for (var shape : values()) {
                if (shape.id().equals(text)) {
                    return shape;
                }
            }
            throw invalid("unknown shape: '" + text + "'; use sigmoid or hinge");
        }
    }

    public PreferenceLoss {
        if (!(beta >= 0) || Double.isInfinite(beta) || (beta == 0 && !(supervised > 0))) {
            throw invalid(
                    "beta must be above 0, or 0 with a supervised weight above 0; was " + beta);
        }
        if (!(factor > 0) || Double.isInfinite(factor)) {
            throw invalid("factor must be above 0, was " + factor);
        }
        if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
            throw invalid("label smoothing must lie in [0, 0.5), was " + labelSmoothing);
        }
        if (shape == Shape.HINGE && labelSmoothing > 0) {
            throw invalid("label smoothing belongs to the sigmoid, not to the hinge");
        }
        if (!(supervised >= 0) || Double.isInfinite(supervised)) {
            throw invalid("the supervised weight must be at least 0, was " + supervised);
        }
    }

    private static StageException invalid(String message) {
        return new StageException(FailureCode.INVALID_CONFIG, "preference loss: " + message);
    }

    /** Sigmoid with this beta, factor 1, no smoothing and no supervised term. */
    public static PreferenceLoss sigmoid(double beta) {
        return new PreferenceLoss(Shape.SIGMOID, beta, 1, 0, 0);
    }

    /** Whether losers and reference count; without them only winners teach. */
    public boolean prefers() {
        return beta > 0;
    }

    /** What a pair teaches; not finite where an error is not. */
    public PairLoss of(PairErrors e) {
        if (!prefers()) {
            return new PairLoss(supervised * e.winner(), supervised, 0, 0, 0);
        }
        double strength = factor * beta;
        double winnerReward = strength * (e.referenceWinner() - e.winner());
        double loserReward = strength * (e.referenceLoser() - e.loser());
        double margin = winnerReward - loserReward;
        double loss = loss(margin) + supervised * e.winner();
        double slope = slope(margin);
        return new PairLoss(
                loss, -slope * strength + supervised, slope * strength, winnerReward, loserReward);
    }

    private double loss(double margin) {
        if (shape == Shape.HINGE) {
            return Math.max(0, 1 - margin);
        }
        return (1 - labelSmoothing) * softplus(-margin) + labelSmoothing * softplus(margin);
    }

    /** Change of the loss with the margin; at the hinge's corner 0. */
    private double slope(double margin) {
        if (shape == Shape.HINGE) {
            return margin < 1 ? -1 : margin >= 1 ? 0 : Double.NaN;
        }
        return labelSmoothing - logistic(-margin);
    }

    /** {@code log(1 + e^x)} without overflow; {@code −log σ(x)} is {@code softplus(−x)}. */
    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    private static double logistic(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }
}
