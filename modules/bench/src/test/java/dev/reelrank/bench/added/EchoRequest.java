package dev.reelrank.bench.added;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.InputBlob;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.List;

/** Say the prompt again, beside the winner's video. */
public record EchoRequest(String text, CandidateVideo video, EchoConfig config)
        implements StageRequest {
    @Override
    public StageName stage() {
        return EchoStage.ECHO;
    }

    @Override
    public List<InputBlob> blobs() {
        return List.of(InputBlob.of(video));
    }
}
