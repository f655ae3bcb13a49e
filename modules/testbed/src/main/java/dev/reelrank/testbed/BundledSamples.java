package dev.reelrank.testbed;

import dev.reelrank.video.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The hand-picked dataset of the default run: one sample of every subject group. */
public final class BundledSamples {
    /**
     * A bundled sample.
     *
     * @param id its name in the dataset
     * @param index its scene in {@link Split#SAMPLES}
     * @param variant the wording of its prompt
     */
    public record Sample(String id, long index, int variant) {
        /** What it shows; the truth that its candidates are measured by. */
        public Scene scene() {
            return SceneMaker.scene(Split.SAMPLES.seed(index));
        }

        /** The prompt as written for it. */
        public String prompt() {
            return Prompts.verbose(scene(), variant);
        }
    }

    private static final List<Sample> ALL =
            List.of(
                    new Sample("red-ring-slides", 176, 0),
                    new Sample("pink-watch-turns", 538, 0),
                    new Sample("yellow-cat-bounces", 11, 0),
                    new Sample("red-apple-grows", 116, 0),
                    new Sample("pink-person-walks", 4148, 0),
                    new Sample("blue-heart-falls", 1816, 0));

    private BundledSamples() {}

    /** The samples in the order of their groups. */
    public static List<Sample> all() {
        return ALL;
    }

    /**
     * Writes the dataset: {@code images/<id>.png} and {@code prompts/<id>.txt}.
     *
     * @param args the dataset's folder
     */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        Files.createDirectories(folder.resolve("images"));
        Files.createDirectories(folder.resolve("prompts"));
        for (Sample sample : ALL) {
            Images.writePng(
                    folder.resolve("images").resolve(sample.id() + ".png"),
                    Renderer.still(sample.scene()));
            Files.writeString(
                    folder.resolve("prompts").resolve(sample.id() + ".txt"),
                    sample.prompt() + "\n");
        }
    }
}
