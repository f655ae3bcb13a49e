package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.GradeConfig;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Grade the winner of one sample, on the original prompt.
 *
 * @param prompt the written prompt, for the record
 * @param subject the phrase that the ranking used, null if there was none
 * @param preference the preference model in force when the work was emitted
 */
public record GradeRequest(
        String originalPrompt,
        String prompt,
        @Nullable String subject,
        BlobRef image,
        CandidateVideo video,
        PreferenceVersion preference,
        GradeConfig config)
        implements StageRequest {
    @Override
    public StageName stage() {
        return StageName.GRADE;
    }

    @Override
    public List<InputBlob> blobs() {
        return Stream.of(
                        Stream.of(InputBlob.of(video), InputBlob.given(image)),
                        InputBlob.optional(preference.model()).stream(),
                        config.preference().files().values().stream().map(InputBlob::given))
                .flatMap(blobs -> blobs)
                .toList();
    }
}
