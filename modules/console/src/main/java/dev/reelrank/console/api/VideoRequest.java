package dev.reelrank.console.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a program asks for.
 *
 * @param prompt 1 to 5,000 characters
 * @param image bytes of the reference image
 * @param subject the subject phrase, null to have it found
 */
record VideoRequest(
        String prompt, byte[] image, @Nullable String subject, RunConfiguration configuration) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SIZE = Pattern.compile("(\\d{2,4})x(\\d{2,4})");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,3}(\\.\\d{1,3})?");
    private static final Set<String> EXTENSIONS = Set.of("seeds", "preset", "settings", "subject");
    private static final Set<String> NO_MODEL = Set.of("", "reelrank", "default");
    private static final int LONGEST = 5_000;
    private static final double DEFAULT_FPS = 16;

    /**
     * Reads the fields as they came.
     *
     * @param model name of a generator's folder; empty, "reelrank" or "default" for the default
     * @param size WIDTHxHEIGHT
     * @param seconds length; becomes a number of frames of the form 4k+1
     * @param extension JSON object of our own parameters, null for none
     * @throws Problem 400 that names the field
     */
    static VideoRequest of(
            @Nullable String prompt,
            byte @Nullable [] image,
            @Nullable String model,
            @Nullable String size,
            @Nullable String seconds,
            @Nullable String extension) {
        if (prompt == null || prompt.isBlank()) {
            throw Problem.invalid("prompt", "prompt is missing");
        }
        if (prompt.length() > LONGEST) {
            throw Problem.invalid(
                    "prompt", "prompt is longer than %d characters".formatted(LONGEST));
        }
        if (image == null || image.length == 0) {
            throw Problem.invalid(
                    "input_reference",
                    "input_reference is missing: send the reference image as a file of this name");
        }
        JsonNode own = extension(extension);
        var settings = new ArrayList<Setting>();
        if (model != null && !NO_MODEL.contains(model)) {
            settings.add(new Setting("model", "candidate.model=" + JSON.valueToTree(model)));
        }
        if (size != null && !size.isBlank() && !size.equals("auto")) {
            if (!SIZE.matcher(size).matches()) {
                throw Problem.invalid(
                        "size",
                        "size is '%s'; it must be WIDTHxHEIGHT, for example 1280x720"
                                .formatted(size));
            }
            settings.add(new Setting("size", "candidate.size=" + size));
        }
        if (own.has("seeds")) {
            settings.add(new Setting("reelrank.seeds", "candidate.seeds=" + own.get("seeds")));
        }
        for (var setting : own.path("settings").properties()) {
            settings.add(
                    new Setting(
                            "reelrank.settings." + setting.getKey(),
                            setting.getKey() + "=" + setting.getValue()));
        }
        return new VideoRequest(
                prompt,
                image,
                own.path("subject").textValue(),
                configuration(own, settings, seconds));
    }

    /** Of the image, by its first bytes. */
    String mediaType() {
        return image.length > 3 && image[0] == (byte) 0x89
                ? "image/png"
                : image.length > 3 && image[0] == 'R' ? "image/webp" : "image/jpeg";
    }

    private static JsonNode extension(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return JSON.createObjectNode();
        }
        JsonNode own;
        try {
            own = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw Problem.invalid("reelrank", "reelrank is not JSON: " + e.getOriginalMessage());
        }
        if (!own.isObject() || (own.has("settings") && !own.get("settings").isObject())) {
            throw Problem.invalid("reelrank", "reelrank and its settings must be JSON objects");
        }
        own.fieldNames()
                .forEachRemaining(
                        name -> {
                            if (!EXTENSIONS.contains(name)) {
                                throw Problem.invalid(
                                        "reelrank." + name,
                                        "reelrank has no '%s'; it has %s"
                                                .formatted(name, new TreeSet<>(EXTENSIONS)));
                            }
                        });
        if (!own.path("subject").isMissingNode() && !own.get("subject").isTextual()) {
            throw Problem.invalid("reelrank.subject", "reelrank.subject must be text");
        }
        return own;
    }

    /**
     * A setting of the configuration.
     *
     * @param parameter of the request that asks for it
     * @param text KEY=VALUE
     */
    private record Setting(String parameter, String text) {}

    private static RunConfiguration configuration(
            JsonNode own, List<Setting> settings, @Nullable String seconds) {
        RunConfiguration read =
                own.has("preset")
                        ? checked(
                                "reelrank.preset",
                                () -> ConfigurationFile.preset(own.get("preset").asText()))
                        : RunConfiguration.defaults();
        for (Setting setting : settings) {
            RunConfiguration before = read;
            read =
                    checked(
                            setting.parameter(),
                            () -> ConfigurationFile.set(setting.text(), before));
        }
        if (seconds == null || seconds.isBlank()) {
            return read;
        }
        if (!SECONDS.matcher(seconds).matches()) {
            throw Problem.invalid(
                    "seconds", "seconds is '%s'; it must be a number".formatted(seconds));
        }
        Double fps = read.candidate().fps();
        long steps =
                Math.round(Double.parseDouble(seconds) * (fps == null ? DEFAULT_FPS : fps) / 4);
        String frames = "candidate.frames=" + (4 * Math.max(0, steps) + 1);
        RunConfiguration before = read;
        return checked("seconds", () -> ConfigurationFile.set(frames, before));
    }

    private static RunConfiguration checked(
            String parameter, Supplier<RunConfiguration> configuration) {
        try {
            return configuration.get();
        } catch (StageException e) {
            throw Problem.invalid(parameter, String.valueOf(e.getMessage()));
        }
    }
}
