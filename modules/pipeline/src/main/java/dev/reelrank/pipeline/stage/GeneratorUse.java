package dev.reelrank.pipeline.stage;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a generation really used, whatever was configured.
 *
 * @param family of the generator, for example {@code wan}
 * @param files the model's files and those of its LoRAs with what their fingerprint says, by names
 *     that do not depend on where they lie
 * @param loras what each LoRA changed
 * @param timesteps what the model was told at each step
 * @param parameters the family's own parameters, by name
 * @param facts numbers that only the family knows, by name
 * @param promptTokens of the prompt that the model saw, its end mark included; 0 for a prompt that
 *     was encoded elsewhere
 * @param promptTokensCut of a prompt that was too long: how many were left out
 */
public record GeneratorUse(
        String family,
        Map<String, String> files,
        List<AppliedLora> loras,
        List<Double> timesteps,
        Map<String, Double> parameters,
        Map<String, Double> facts,
        int promptTokens,
        int promptTokensCut) {
    /**
     * What a LoRA changed.
     *
     * @param name of its folder or file
     * @param part of the model, for example {@code high}
     * @param strength factor of its changes
     * @param layers how many tensors of that part it changed, at least 1
     */
    public record AppliedLora(String name, String part, double strength, int layers) {}

    /** What the names of a LoRA's files begin with. */
    public static final String LORA = "lora/";

    /** The fingerprint of the model's own files, without those of its LoRAs. */
    public String baseFingerprint() {
        return baseFingerprint(files);
    }

    /**
     * The same of files by name.
     *
     * @param files fingerprints of the files of a model and of its LoRAs
     */
    public static String baseFingerprint(Map<String, String> files) {
        var own = new TreeMap<>(files);
        own.keySet().removeIf(name -> name.startsWith(LORA));
        return Fingerprint.of(own).sha256();
    }

    public GeneratorUse {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
        loras = List.copyOf(loras);
        timesteps = List.copyOf(timesteps);
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
        facts = Collections.unmodifiableMap(new TreeMap<>(facts));
    }
}
