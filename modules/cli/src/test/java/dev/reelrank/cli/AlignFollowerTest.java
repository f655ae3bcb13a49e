package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.client.config.AlignFile;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AlignFollowerTest {
    private static AdapterUpdated trained(AlignConfig configuration) {
        return new AdapterUpdated(
                new AdapterRef("steady", 2, Map.of()),
                "wan",
                "base",
                configuration,
                null,
                null,
                Map.of(),
                Map.of(),
                null,
                AdapterState.ACCEPTED,
                "because",
                null,
                Instant.EPOCH);
    }

    @Test
    void shouldNameTheLorasThatAnAdapterWasTrainedBeside() {
        assertThat(AlignFollower.use(trained(AlignFile.preset("video-dpo"))))
                .isEqualTo(
                        "Use it with --set 'candidate.loras=[{name: \"flickering\", strength: 1.0}, {name: \"adapter:steady@2\", strength: 1}]'");
        assertThat(AlignFollower.use(trained(AlignConfig.defaults())))
                .isEqualTo(
                        "Use it, after the LoRAs that the model has by default, with --set 'candidate.loras=[{name: \"adapter:steady@2\", strength: 1}]'");
    }
}
