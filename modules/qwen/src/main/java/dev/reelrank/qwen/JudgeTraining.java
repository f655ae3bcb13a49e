package dev.reelrank.qwen;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.train.AdamW;
import dev.reelrank.torch.train.BlockPass;
import dev.reelrank.torch.train.GradientNorm;
import dev.reelrank.torch.train.GradientSum;
import dev.reelrank.torch.train.LearningRate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Teaches a judge which of two videos people prefer, by direct preference optimisation (Rafailov
 * and others, Direct Preference Optimization, 2023). To the question whether this is the better
 * video, yes is the preferred answer for the chosen video and no for the rejected one. With {@code
 * z} the logarithm of yes against no, the loss of a pair is the mean of {@code −log σ(β (z −
 * z_reference))} for the chosen and {@code −log σ(−β (z − z_reference))} for the rejected video:
 * what all other words weigh cancels. The reference is the same model with its adapters off.
 *
 * <p>Equal seeds and pairs give equal adapters on the CPU, so a training that is killed is
 * repeated.
 */
public final class JudgeTraining {
    private static final long ORDER = 1;
    private static final long DROPOUT = 2;

    /**
     * What decides the result.
     *
     * @param beta how strongly the adapter is held to its base, above 0
     * @param pairsPerStep pairs whose gradients are added before a step, at least 1
     * @param clip longest gradient, above 0
     */
    public record Settings(
            long seed,
            LearningRate learningRate,
            AdamW.Settings optimizer,
            double beta,
            int pairsPerStep,
            double clip,
            BlockPass.Memory memory) {
        public Settings {
            if (!(beta > 0) || pairsPerStep < 1 || !(clip > 0)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "beta and clip must be above 0 and pairs per step at least 1; were %s, %s and %d"
                                .formatted(beta, clip, pairsPerStep));
            }
        }

        /** What a configuration says. */
        public static Settings of(AlignConfig config) {
            return new Settings(
                    config.seed(),
                    new LearningRate(
                            config.learningRate(),
                            LearningRate.Shape.parse(config.schedule()),
                            config.warmup(),
                            config.steps()),
                    AdamW.Settings.DEFAULT.withWeightDecay(config.weightDecay()),
                    config.beta() * config.factor(),
                    config.pairsPerStep(),
                    config.clip(),
                    BlockPass.Memory.parse(config.memory()));
        }
    }

    /** Two videos of one sample. */
    public record Pair(QwenJudge.Seen chosen, QwenJudge.Seen rejected) {}

    /**
     * A step.
     *
     * @param step counted from 1
     * @param loss mean of its pairs
     * @param chosen mean of {@code β (z − z_reference)} of the chosen videos
     * @param rejected the same of the rejected ones
     * @param accuracy share of pairs whose chosen video has more of it
     * @param gradientNorm length of the gradient before it was limited
     * @param learningRate of this step
     */
    public record Step(
            int step,
            double loss,
            double chosen,
            double rejected,
            double accuracy,
            double gradientNorm,
            double learningRate,
            double seconds) {}

    private final QwenJudge judge;
    private final Settings settings;
    private final Map<QwenJudge.Seen, Double> references = new HashMap<>();

    public JudgeTraining(QwenJudge judge, Settings settings) {
        this.judge = judge;
        this.settings = settings;
    }

    /**
     * Trains.
     *
     * @param pairs at least one
     * @param goOn hears every step; false ends the training
     * @return whether it came to its end
     * @throws StageException INVALID_CONFIG naming the step when a number is not finite
     */
    public boolean run(List<Pair> pairs, Predicate<Step> goOn) {
        if (pairs.isEmpty()) {
            throw new StageException(
                    FailureCode.INVALID_SAMPLE, "there is no pair to train on: make pairs first");
        }
        judge.adapters().on(false);
        for (var pair : pairs) {
            references.put(pair.chosen(), judge.odds(pair.chosen()));
            references.put(pair.rejected(), judge.odds(pair.rejected()));
        }
        judge.adapters().on(true);
        try (var optimizer = new AdamW(judge.adapters().tensors(), settings.optimizer())) {
            for (int step = 0; step < settings.learningRate().steps(); step++) {
                if (!goOn.test(step(pairs, step, optimizer))) {
                    return false;
                }
            }
            return true;
        } finally {
            judge.adapters().keepAll();
        }
    }

    private Step step(List<Pair> pairs, int step, AdamW optimizer) {
        long begin = System.nanoTime();
        double rate = settings.learningRate().at(step);
        double loss = 0;
        double chosen = 0;
        double rejected = 0;
        double right = 0;
        int count = settings.pairsPerStep();
        try (var sum = new GradientSum(judge.device())) {
            for (int i = 0; i < count; i++) {
                long position = (long) step * count + i;
                var pair = pairs.get(draw(pairs.size(), position));
                var yes = pass(pair.chosen(), 1, position, 1.0 / (2 * count));
                var no = pass(pair.rejected(), -1, position, 1.0 / (2 * count));
                loss += (yes.loss() + no.loss()) / 2 / count;
                chosen += yes.reward() / count;
                rejected += no.reward() / count;
                right += yes.reward() > no.reward() ? 1.0 / count : 0;
            }
            sum.take(judge.adapters().tensors());
            double norm = GradientNorm.limit(sum.gradients().values(), settings.clip());
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "the training stopped at step %d of %d: the loss is %s and the gradient's length %s. Use a lower learning rate or a smaller beta"
                                .formatted(step + 1, settings.learningRate().steps(), loss, norm));
            }
            optimizer.step(sum.gradients(), rate);
            return new Step(
                    step + 1,
                    loss,
                    chosen,
                    rejected,
                    right,
                    norm,
                    rate,
                    (System.nanoTime() - begin) / 1e9);
        }
    }

    private record Passed(double loss, double reward) {}

    /**
     * One video there and back.
     *
     * @param sign 1 if yes is the preferred answer, −1 if no is
     */
    private Passed pass(QwenJudge.Seen seen, int sign, long position, double share) {
        double reference = references.getOrDefault(seen, 0.0);
        judge.adapters().dropout(Noise.seed(settings.seed(), DROPOUT, position));
        try (var scope = TensorScope.inference();
                var pass = judge.pass(seen, settings.memory())) {
            double reward = settings.beta() * (pass.output().item_float() - reference);
            double margin = sign * reward;
            double loss = Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
            double slope = -sign * settings.beta() / (1 + Math.exp(margin)) * share;
            if (Double.isFinite(loss)) {
                pass.backward(
                        judge.device()
                                .place(Ops.tensor(new float[] {(float) slope}, 1), DType.FLOAT32));
            }
            return new Passed(loss, reward);
        }
    }

    /** Every pair once in each epoch, in an order that is new each time. */
    private int draw(int pairs, long position) {
        var random = new SplittableRandom(Noise.seed(settings.seed(), ORDER, position / pairs));
        var order = new ArrayList<Integer>();
        for (int i = 0; i < pairs; i++) {
            order.add(random.nextInt(i + 1), i);
        }
        return order.get((int) (position % pairs));
    }
}
