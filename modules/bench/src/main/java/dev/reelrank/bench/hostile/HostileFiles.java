package dev.reelrank.bench.hostile;

import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.client.dataset.Dataset;
import dev.reelrank.client.dataset.Sample;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.video.Images;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Files that a user hands to a command: configuration files and datasets. */
final class HostileFiles {
    private static final List<String> VALUES =
            List.of(
                    "null",
                    "~",
                    "no",
                    "NaN",
                    "-.inf",
                    "1e999",
                    "9223372036854775808",
                    "-1",
                    "[]",
                    "{}",
                    "[1, 1]",
                    "'null'",
                    "!!java.net.URL [http://127.0.0.1]",
                    "!!binary AAAA",
                    "&a [*a]",
                    "2026-01-01",
                    "|\n    text",
                    "\"\\u0000\"",
                    "0x10",
                    "1_000");

    private static final List<String> KEYS =
            List.of(
                    "prompt",
                    "candidate",
                    "ranking",
                    "grade",
                    "seeds",
                    "steps",
                    "frames",
                    "guidance",
                    "width",
                    "precision",
                    "weights",
                    "negativeTerms",
                    "? [a, b]",
                    "1",
                    "true",
                    "<<",
                    "''",
                    "SEEDS");

    private final Path folder;
    private final byte[] picture;

    /**
     * @param folder to write to
     * @param picture bytes of a readable PNG
     */
    HostileFiles(Path folder, byte[] picture) {
        this.folder = folder;
        this.picture = picture;
    }

    Assault configurations() {
        return new Assault() {
            @Override
            public String kind() {
                return "configuration-file";
            }

            @Override
            public void strike(Random random) throws IOException {
                Path file = folder.resolve("configuration.yaml");
                Files.write(file, yaml(random));
                refusedOrRead(() -> ConfigurationFile.read(file));
            }
        };
    }

    Assault datasets() {
        return new Assault() {
            @Override
            public String kind() {
                return "dataset";
            }

            @Override
            public void strike(Random random) throws IOException {
                dataset(random);
            }
        };
    }

    private static byte[] yaml(Random random) {
        var text = new StringBuilder();
        for (int section = random.nextInt(4); section >= 0; section--) {
            text.append(pick(KEYS, random)).append(':');
            if (random.nextInt(3) == 0) {
                text.append(' ').append(pick(VALUES, random)).append('\n');
                continue;
            }
            text.append('\n');
            for (int line = random.nextInt(4); line >= 0; line--) {
                text.append("  ").append(pick(KEYS, random)).append(": ");
                text.append(pick(VALUES, random)).append('\n');
            }
        }
        if (random.nextInt(20) == 0) {
            text.append("[".repeat(20_000));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return random.nextBoolean() ? bytes : Mutation.of(bytes, 0, random);
    }

    private void dataset(Random random) throws IOException {
        Path root = folder.resolve("dataset");
        Path images = Files.createDirectories(root.resolve("images"));
        Path prompts = Files.createDirectories(root.resolve("prompts"));
        String id = random.nextInt(4) == 0 ? "._s" : "s";
        Files.write(images.resolve(id + ".png"), Mutation.of(picture, 0, random));
        Files.write(prompts.resolve(id + ".txt"), Mutation.any(random));
        refusedOrRead(
                () -> {
                    var dataset = new Dataset(root);
                    for (String each : dataset.ids()) {
                        Sample sample = dataset.sample(each);
                        Images.read(sample.image());
                    }
                });
    }

    /** A refusal is an answer; anything else is a fault of ours. */
    private static void refusedOrRead(Runnable reading) {
        try {
            reading.run();
        } catch (StageException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new IllegalStateException("a refusal without a reason: " + e.code(), e);
            }
        }
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }
}
