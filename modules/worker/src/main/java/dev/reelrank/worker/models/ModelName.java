package dev.reelrank.worker.models;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The models by the names of their folders.
 *
 * <p>Each knows what a hub cache folder of it is called and, where it has one, the file at the top
 * of its own folder with the kind that file must name.
 */
public enum ModelName {
    /** Wan2.2 image-to-video, diffusers layout. */
    WAN("model_index.json", "_class_name", List.of("wan"), List.of("wan2.2-i2v")),
    /** LoRAs for few steps; a folder of files without a marker of its own. */
    LIGHTNING(null, null, List.of(), List.of("wan2.2-lightning", "wan2.2-distill-loras")),
    /** Qwen3-VL. */
    QWEN("config.json", "model_type", List.of("qwen3_vl"), List.of("qwen3-vl")),
    /** DINOv3, exported to ONNX. */
    DINOV3("config.json", "model_type", List.of("dinov3"), List.of("dinov3")),
    /** SAM3, exported to ONNX. */
    SAM3("config.json", "model_type", List.of("sam3"), List.of("sam3")),
    /** CLIP, exported to ONNX. */
    CLIP("config.json", "model_type", List.of("clip"), List.of("clip")),
    /** VideoReward: Qwen2-VL with a reward head; only evaluation uses it. */
    VIDEOREWARD(null, null, List.of(), List.of("videoreward")),
    /** VGGT: cameras, depth and points of a video. */
    VGGT(null, null, List.of(), List.of("vggt")),
    /** LPIPS: VGG16 and the linear layers; a folder of two files. */
    LPIPS(null, null, List.of(), List.of("lpips")),
    /** MEt3R: DUSt3R, DINO and FeatUp; a folder of three files, only evaluation uses it. */
    MET3R(null, null, List.of(), List.of("met3r"));

    private final @Nullable String marker;
    private final @Nullable String kindKey;
    private final List<String> kinds;
    private final List<String> hubNames;

    ModelName(
            @Nullable String marker,
            @Nullable String kindKey,
            List<String> kinds,
            List<String> hubNames) {
        this.marker = marker;
        this.kindKey = kindKey;
        this.kinds = kinds;
        this.hubNames = hubNames;
    }

    /** The folder's name: {@code wan}, {@code qwen}, … */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether every stage works without it. */
    public boolean optional() {
        return this == VIDEOREWARD || this == VGGT || this == LPIPS || this == MET3R;
    }

    /**
     * Reads several {@link #id()}s.
     *
     * @throws java.util.NoSuchElementException if one of them is none
     */
    public static List<ModelName> parseAll(List<String> ids) {
        return ids.stream().map(id -> find(id).orElseThrow()).toList();
    }

    /** Reads an {@link #id()}. */
    static Optional<ModelName> find(String id) {
        return Arrays.stream(values()).filter(name -> name.id().equals(id)).findFirst();
    }

    /** Every {@link #id()}, for messages. */
    static String ids() {
        return Arrays.stream(values()).map(ModelName::id).collect(Collectors.joining(", "));
    }

    /** Whether a hub cache folder {@code models--org--name} holds this model. */
    boolean matchesHubFolder(String folderName) {
        var name = folderName.toLowerCase(Locale.ROOT);
        var repository = name.substring(name.lastIndexOf("--") + 2);
        return hubNames.stream().anyMatch(repository::startsWith);
    }

    /** Whether the folder is this model's own, by the kind its marker file names. */
    boolean isOwnFolder(Path folder) {
        if (marker == null) {
            return false;
        }
        var file = folder.resolve(marker);
        if (!Files.isRegularFile(file)) {
            return false;
        }
        var kind = String.valueOf(Yaml.map(file).get(kindKey)).toLowerCase(Locale.ROOT);
        return kinds.stream().anyMatch(kind::startsWith);
    }
}
