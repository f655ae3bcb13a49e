package dev.reelrank.flow.json;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.SampleSubmitted;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes of one JSON record the events of one submission with one sample, or a dead letter. */
final class JsonTranslator {
    private static final int ID_LENGTH = 32;

    /** A lora whose version only the client that submits can look up. */
    private static final String LATEST = "@accepted";

    private final JsonSources sources;
    private final Clock clock;

    JsonTranslator(JsonSources sources, Clock clock) {
        this.sources = sources;
        this.clock = clock;
    }

    /**
     * The events to write, in this order. Equal records make equal submissions, which flow takes
     * once.
     *
     * @param value the record's bytes
     * @param place topic, partition and offset
     * @throws StageException STORE_UNAVAILABLE, OUT_OF_DISK: the record itself is not to blame
     */
    List<Event> translate(byte @Nullable [] value, String place) {
        Instant now = clock.instant();
        try {
            JsonSubmission json = JsonSubmission.read(value);
            RunConfiguration configuration =
                    sources.configurations().read(json.preset(), json.config());
            requireVersions(configuration);
            BlobRef image = json.image().put(sources.store());
            String submission = id(json, image);
            return List.of(
                    new RunOpened(json.run(), configuration, null, now),
                    new SampleSubmitted(
                            json.run(),
                            submission,
                            json.sample(),
                            json.prompt(),
                            image,
                            json.subject(),
                            json.editedPrompt(),
                            configuration,
                            List.of(),
                            now),
                    new RunClosed(json.run(), submission, 1, now));
        } catch (StageException e) {
            if (e.code().category() == FailureCategory.EXTERNAL
                    || e.code().category() == FailureCategory.RESOURCES) {
                throw e;
            }
            return List.of(
                    new DeadLetter(
                            null,
                            e.code(),
                            place + ": " + e.getMessage(),
                            null,
                            1,
                            List.of(),
                            null,
                            value == null ? new byte[0] : value,
                            place,
                            now));
        }
    }

    private static void requireVersions(RunConfiguration configuration) {
        var loras = configuration.candidate().loras();
        if (loras == null) {
            return;
        }
        for (var lora : loras) {
            if (lora.name().endsWith(LATEST)) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "'config.candidate.loras': '%s' must name a version in JSON, for example adapter:NAME@3"
                                .formatted(lora.name()));
            }
        }
    }

    private static String id(JsonSubmission json, BlobRef image) {
        // With a name of the client's own, the same sample can be asked for again after it failed.
        return "json-"
                + Sha256.of(
                                String.join(
                                        "\n",
                                        json.run(),
                                        json.sample(),
                                        json.submission(),
                                        Sha256.of(json.prompt()),
                                        image.sha256()))
                        .substring(0, ID_LENGTH);
    }
}
