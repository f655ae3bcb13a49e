package dev.reelrank.fuzz;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.text.TextEncoderConfig;
import dev.reelrank.hub.checkpoint.Convert;
import dev.reelrank.hub.plan.Plans;
import dev.reelrank.perception.OnnxFolder;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.qwen.QwenFiles;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.wan.TransformerConfig;
import dev.reelrank.wan.VaeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Everything that reads bytes from outside, each as one method from bytes to nothing. Whatever the
 * bytes are, it ends in an answer or in a failure with a code that blames the input.
 */
enum Parser {
    IMAGE("video/src/test/resources/images", "png", "jpg", "webp") {
        @Override
        void read(byte[] input, Path scratch) {
            Images.read(input, "input");
        }
    },
    VIDEO("video/src/test/resources/videos", "mp4", "webm", "mkv", "gif") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            var file = Files.write(scratch.resolve("input"), input);
            try (var reader = VideoReader.open(file)) {
                // A header may promise any number of frames; the first ones tell enough.
                for (int i = 0; i < 12 && reader.next() != null; i++) {}
            }
        }
    },
    SAFETENSORS("wan/src/test/resources/wan", "safetensors") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            SafetensorsFile.open(Files.write(scratch.resolve("input.safetensors"), input)).close();
        }
    },
    CHECKPOINT("hub/src/test/resources/dev/reelrank/hub/checkpoint", "pth") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            var file = Files.write(scratch.resolve("input.pth"), input);
            Convert.run(file, scratch.resolve("output.safetensors"), "", true);
        }
    },
    /** A checkpoint whose zip is in order, so that changes reach the pickle in it. */
    PICKLE("hub/src/test/resources/dev/reelrank/hub/checkpoint", "pth") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            var file = scratch.resolve("input.pth");
            try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
                zip.putNextEntry(new ZipEntry("archive/data.pkl"));
                zip.write(input);
                zip.putNextEntry(new ZipEntry("archive/data/0"));
                zip.write(new byte[256]);
            }
            Convert.run(file, scratch.resolve("output.safetensors"), "", true);
        }

        @Override
        List<byte[]> seeds() {
            var pickles = new ArrayList<byte[]>();
            for (byte[] checkpoint : super.seeds()) {
                var file = Scratch.FOLDER.resolve("seed.pth");
                try {
                    Files.write(file, checkpoint);
                    pickles.addAll(pickles(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return pickles;
        }

        private static List<byte[]> pickles(Path checkpoint) throws IOException {
            var pickles = new ArrayList<byte[]>();
            try (var zip = new ZipFile(checkpoint.toFile())) {
                for (var entry : Collections.list(zip.entries())) {
                    if (entry.getName().endsWith("/data.pkl")) {
                        pickles.add(zip.getInputStream(entry).readAllBytes());
                    }
                }
            } catch (ZipException e) {
                // A file of the format before the zip has none.
            }
            return pickles;
        }
    },
    MODEL_PLANS("hub/src/main/resources/dev/reelrank/hub/plan", "yaml") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            Shipped.PLANS.with(Files.write(scratch.resolve("plans.yaml"), input));
        }
    },
    ONNX_MANIFEST("perception/src/test/resources/perception/clip", "json") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            Files.write(scratch.resolve("manifest.json"), input);
            OnnxFolder.open(scratch, "clip");
        }
    },
    EVENT("", "") {
        @Override
        void read(byte[] input, Path scratch) {
            CODEC.decode(input);
        }

        @Override
        List<byte[]> seeds() {
            var at = Instant.ofEpochSecond(1_800_000_000);
            return List.of(
                    CODEC.encode(new RunClosed("run", "submission", 3, at)),
                    CODEC.encode(new RunOpened("run", RunConfiguration.defaults(), null, at)));
        }
    },
    RUN_CONFIGURATION("client/src/main/resources/dev/reelrank/client/presets", "yaml") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            ConfigurationFile.read(Files.write(scratch.resolve("input.yaml"), input));
        }
    },
    QWEN_CONFIG("qwen/src/test/resources/dev/reelrank/qwen/tiny", "config.json") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            Files.write(scratch.resolve("config.json"), input);
            QwenFiles.readConfig(scratch);
        }
    },
    TOKENIZER("qwen/src/test/resources/dev/reelrank/qwen/tiny", "tokenizer.json") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            Files.write(scratch.resolve("tokenizer.json"), input);
            QwenFiles.readTokenizer(scratch);
        }
    },
    GENERATOR_CONFIG("wan/src/test/resources/wan", "config.json") {
        @Override
        void read(byte[] input, Path scratch) throws IOException {
            var file = ConfigFile.read(Files.write(scratch.resolve("config.json"), input));
            TransformerConfig.read(file);
            VaeConfig.read(file);
            TextEncoderConfig.read(file);
        }
    };

    private static final EventCodec CODEC = new EventCodec();
    private static final long LARGEST_SEED = 16 << 10;

    private final Path seeds;
    private final List<String> endings;

    Parser(String seeds, String... endings) {
        this.seeds = Path.of("..").resolve(seeds);
        this.endings = List.of(endings);
    }

    abstract void read(byte[] input, Path scratch) throws IOException;

    /** Small well-formed inputs to start from. */
    List<byte[]> seeds() {
        try (var files = Files.walk(seeds)) {
            var found = new ArrayList<byte[]>();
            for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
                boolean wanted = endings.stream().anyMatch(file.toString()::endsWith);
                if (wanted && Files.size(file) <= LARGEST_SEED) {
                    found.add(Files.readAllBytes(file));
                }
            }
            if (found.isEmpty()) {
                throw new AssertionError("no seeds for " + this + " in " + seeds.toAbsolutePath());
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @throws AssertionError when the parser blames itself
     */
    void check(byte[] input) {
        try {
            read(input, Scratch.FOLDER);
        } catch (StageException e) {
            if (e.code() == FailureCode.INTERNAL_ERROR) {
                throw new AssertionError(this + " blames itself for an input", e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read once: reading them takes longer than most inputs do. */
    private static final class Shipped {
        static final Plans PLANS = Plans.shipped();
    }

    /** One folder a process, in memory where the system has it. */
    private static final class Scratch {
        static final Path FOLDER = make();

        private static Path make() {
            var memory = Path.of("/dev/shm");
            var parent =
                    Files.isWritable(memory)
                            ? memory
                            : Path.of(System.getProperty("java.io.tmpdir"));
            try {
                var folder = Files.createDirectory(parent.resolve("fuzz-" + UUID.randomUUID()));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void delete(Path folder) {
            try (var files = Files.walk(folder)) {
                files.sorted(java.util.Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
