package dev.reelrank.bench.align.result;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.bench.testbed.Generator;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.train.Trainable;
import dev.reelrank.diffusion.train.TrainingEncoder;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Pairs of the generator's own candidates of rooms, chosen by a geometry score; no label is used.
 *
 * <p>The worst candidate loses; one without a score, because it shows nothing twice, is the worst.
 * The best one wins among those that move at least {@value #LIVELY} times as much as the median:
 * what hardly moves is easily rigid. The figures beside the truth are only kept for the report.
 */
final class RoomCandidates {
    private static final double LIVELY = 0.9;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path models;
    private final Trainable trainable;
    private final Workers workers;
    private final String score;
    private final double gap;
    private final Path lines;
    private final Consumer<String> progress;

    /**
     * @param models a folder with {@code wan}
     * @param score that chooses
     * @param gap by how much the loser's score is higher at least, as a share of the winner's
     * @param lines a file that takes a line per candidate
     */
    RoomCandidates(
            Path models,
            Trainable trainable,
            Workers workers,
            String score,
            double gap,
            Path lines,
            Consumer<String> progress) {
        this.models = models;
        this.trainable = trainable;
        this.workers = workers;
        this.score = score;
        this.gap = gap;
        this.lines = lines;
        this.progress = progress;
    }

    /** A line of the file. */
    record Line(String sample, long seed, Map<String, Double> figures) {
        double figure(String name) {
            return Objects.requireNonNull(figures.get(name), () -> "no figure " + name);
        }
    }

    private record Studio(Generator generator, TrainingEncoder encoder) implements AutoCloseable {
        @Override
        public void close() {
            generator.close();
            encoder.close();
        }
    }

    private Studio open(Device place) {
        return new Studio(
                Generator.load(models, place, 0, List.<LoraSpec>of(), Precision.FP32),
                trainable.encoder(Precision.FP32, TorchDevice.of(place)));
    }

    /**
     * Makes pairs until there are enough.
     *
     * @param samples looked at in this order
     * @return the files of the pairs, fewer than wanted if the samples do not suffice
     */
    List<Path> make(PairFiles kept, List<RoomSample> samples, List<Long> seeds, int wanted) {
        var harvest = kept.harvest(samples, wanted);
        workers.each(
                kept.unseen(samples),
                harvest::enough,
                this::open,
                (studio, sample) -> look(kept, studio, sample, seeds));
        return kept.of(samples, wanted);
    }

    private void look(PairFiles kept, Studio studio, RoomSample sample, List<Long> seeds) {
        var shown = sample.look();
        var clips = studio.generator().generate(sample.prompt(), shown.image(), seeds);
        var found = new ArrayList<Line>();
        for (int k = 0; k < clips.size(); k++) {
            found.add(new Line(sample.id(), seeds.get(k), shown.figures().apply(clips.get(k))));
        }
        append(found);
        choose(kept, studio, sample, clips, found);
    }

    private void choose(
            PairFiles kept,
            Studio studio,
            RoomSample sample,
            List<List<RgbImage>> clips,
            List<Line> found) {
        int winner = winner(found);
        int loser = loser(found);
        if (winner < 0) {
            kept.none(sample, "no candidate has a score");
            return;
        }
        double best = found.get(winner).figure(score);
        double worst = found.get(loser).figure(score);
        if (!Double.isNaN(worst) && worst < (1 + gap) * best) {
            kept.none(sample, "scores from %.4f to %.4f are alike".formatted(best, worst));
            return;
        }
        kept.add(sample, studio.encoder(), clips.get(winner), clips.get(loser));
        progress.accept("pair %s, %s %.4f and %.4f".formatted(sample.id(), score, best, worst));
    }

    /** The best score among the lively ones; -1 if none has a score. */
    private int winner(List<Line> found) {
        double[] motion =
                found.stream().mapToDouble(l -> l.figure(ClipMetrics.MOTION)).sorted().toArray();
        double least = LIVELY * motion[motion.length / 2];
        int best = -1;
        for (int i = 0; i < found.size(); i++) {
            double value = found.get(i).figure(score);
            if (!Double.isNaN(value)
                    && found.get(i).figure(ClipMetrics.MOTION) >= least
                    && (best < 0 || value < found.get(best).figure(score))) {
                best = i;
            }
        }
        return best;
    }

    private int loser(List<Line> found) {
        int worst = 0;
        for (int i = 0; i < found.size(); i++) {
            double value = found.get(i).figure(score);
            if (Double.isNaN(value)) {
                return i;
            }
            if (value > found.get(worst).figure(score)) {
                worst = i;
            }
        }
        return worst;
    }

    private synchronized void append(List<Line> found) {
        try {
            var text = new StringBuilder();
            for (Line line : found) {
                text.append(JSON.writeValueAsString(line)).append('\n');
            }
            Files.writeString(lines, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + lines, e);
        }
    }

    /** Every candidate that was made so far. */
    static List<Line> read(Path lines) throws IOException {
        var found = new ArrayList<Line>();
        if (Files.isRegularFile(lines)) {
            for (String text : Files.readAllLines(lines)) {
                found.add(JSON.readValue(text, Line.class));
            }
        }
        return found;
    }

    /**
     * How often, of two candidates of one sample, the one with the better score is nearer to the
     * truth.
     *
     * @return share 0..1; NaN without such pairs
     */
    static double agreement(List<Line> found, String score) {
        int right = 0;
        int all = 0;
        for (int i = 0; i < found.size(); i++) {
            for (int j = 0; j < i; j++) {
                Line a = found.get(i);
                Line b = found.get(j);
                double scores = a.figure(score) - b.figure(score);
                double errors = a.figure(RoomJudge.TRUE_ERROR) - b.figure(RoomJudge.TRUE_ERROR);
                if (a.sample().equals(b.sample())
                        && scores * errors != 0
                        && Double.isFinite(scores)) {
                    all++;
                    right += scores * errors > 0 ? 1 : 0;
                }
            }
        }
        return all == 0 ? Double.NaN : (double) right / all;
    }
}
