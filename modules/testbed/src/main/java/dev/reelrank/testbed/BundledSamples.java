package dev.reelrank.testbed;

import dev.reelrank.video.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Hand-picked datasets: that of the default run, one sample of every subject group; and one for the
 * smallest training of an adapter, scenes in which some seeds of the generator that ships give
 * double exposures.
 */
public final class BundledSamples {
    /**
     * A bundled sample.
     *
     * @param id its name in the dataset
     * @param split whose scene it is
     * @param index of the scene in the split
     * @param variant the wording of its prompt
     */
    public record Sample(String id, Split split, long index, int variant) {
        /** What it shows; the truth that its candidates are measured by. */
        public Scene scene() {
            return SceneMaker.scene(split.seed(index));
        }

        /** The prompt as written for it. */
        public String prompt() {
            return Prompts.verbose(scene(), variant);
        }
    }

    private static final List<Sample> ALL =
            List.of(
                    new Sample("red-ring-slides", Split.SAMPLES, 176, 0),
                    new Sample("pink-watch-turns", Split.SAMPLES, 538, 0),
                    new Sample("yellow-cat-bounces", Split.SAMPLES, 11, 0),
                    new Sample("red-apple-grows", Split.SAMPLES, 116, 0),
                    new Sample("pink-person-walks", Split.SAMPLES, 4148, 0),
                    new Sample("blue-heart-falls", Split.SAMPLES, 1816, 0));

    /** Of the scenes that the generator was trained on, so that held-out ones stay held out. */
    private static final List<Sample> SPOILT =
            List.of(
                    new Sample("purple-cat-shrinks", Split.TRAIN, 9, 0),
                    new Sample("red-apple-turns", Split.TRAIN, 15, 0),
                    new Sample("yellow-star-hops", Split.TRAIN, 28, 0),
                    new Sample("green-ring-falls", Split.TRAIN, 42, 0),
                    new Sample("green-ring-turns", Split.TRAIN, 43, 0));

    private BundledSamples() {}

    /** The samples in the order of their groups. */
    public static List<Sample> all() {
        return ALL;
    }

    /** Samples of which one of the seeds 1, 4 and 6 gives a double exposure. */
    public static List<Sample> spoilt() {
        return SPOILT;
    }

    /**
     * Writes both datasets: {@code images/<id>.png} and {@code prompts/<id>.txt}, in the folder and
     * in {@code spoilt} below it.
     *
     * @param args the folder
     */
    public static void main(String[] args) throws IOException {
        write(Path.of(args[0]), ALL);
        write(Path.of(args[0]).resolve("spoilt"), SPOILT);
    }

    private static void write(Path folder, List<Sample> samples) throws IOException {
        Files.createDirectories(folder.resolve("images"));
        Files.createDirectories(folder.resolve("prompts"));
        for (Sample sample : samples) {
            Images.writePng(
                    folder.resolve("images").resolve(sample.id() + ".png"),
                    Renderer.still(sample.scene()));
            Files.writeString(
                    folder.resolve("prompts").resolve(sample.id() + ".txt"),
                    sample.prompt() + "\n");
        }
    }
}
