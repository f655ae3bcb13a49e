package dev.reelrank.perception;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code manifest.json} of an ONNX folder, format 1.
 *
 * @param format 1
 * @param model dinov3, sam3 or clip
 * @param preprocessing how pictures become pixel values
 * @param constants of this checkpoint, for example patchSize or concentrationCentre
 * @param limits what the model can not do, for people; may be empty
 * @param graphs by name
 * @param files every other file of the folder with its size and hash
 * @param text how phrases become tokens, null for models that read none
 */
record Manifest(
        int format,
        String model,
        Preprocessing preprocessing,
        Map<String, Double> constants,
        String limits,
        Map<String, Graph> graphs,
        Map<String, FileEntry> files,
        @Nullable TextSettings text) {
    /**
     * @throws IllegalArgumentException naming the part that is missing or wrong
     */
    Manifest {
        require(model != null, "model");
        require(preprocessing != null, "preprocessing");
        require(constants != null && !constants.containsValue(null), "constants");
        require(graphs != null && !graphs.containsValue(null), "graphs");
        require(files != null && !files.containsValue(null), "files");
        files.keySet().forEach(Manifest::requireName);
    }

    private static void require(boolean holds, String part) {
        if (!holds) {
            throw new IllegalArgumentException("'" + part + "' is missing or wrong");
        }
    }

    /** Files lie in the folder itself; a name must not lead out of it. */
    private static void requireName(String file) {
        require(
                file != null
                        && !file.isEmpty()
                        && !file.matches(".*[/\\\\\\x00].*")
                        && !file.equals(".."),
                "name of a file");
    }

    /**
     * @param height of the model's input, pixels
     * @param width of the model's input, pixels
     * @param mean by channel, of values 0..1
     * @param std by channel
     * @param resample bilinear or bicubic, both antialiased
     * @param crop true: the short side is resized and the centre cut out; false: both sides are
     *     resized
     * @param quantize true: resizing rounds to 8 bits, as processors do that resize before they
     *     rescale
     */
    record Preprocessing(
            int height,
            int width,
            float[] mean,
            float[] std,
            String resample,
            boolean crop,
            boolean quantize) {
        Preprocessing {
            require(height > 0 && width > 0, "preprocessing.height or width");
            require(mean != null && mean.length == 3, "preprocessing.mean");
            require(std != null && std.length == 3, "preprocessing.std");
            require(resample != null, "preprocessing.resample");
        }
    }

    /**
     * @param file the float32 graph
     * @param half the graph with float16 arithmetic, null if there is none
     */
    record Graph(String file, @Nullable String half, List<Port> inputs, List<Port> outputs) {
        Graph {
            requireName(file);
            if (half != null) {
                requireName(half);
            }
        }
    }

    /** An input or output; sizes that are free have names. */
    record Port(String name, String type, List<Object> shape) {}

    record FileEntry(long bytes, String sha256) {}

    /**
     * @param maxLength tokens a phrase is padded or cut to
     * @param padId the padding token
     */
    record TextSettings(int maxLength, int padId) {
        TextSettings {
            require(maxLength > 1, "text.maxLength");
        }
    }
}
