package dev.reelrank.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.stage.AdapterRef;
import dev.reelrank.pipeline.stage.AdapterState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AdapterReadingTest {
    private static final List<AdapterUpdated> KNOWN =
            List.of(
                    adapter("smooth", 1, AdapterState.ACCEPTED),
                    adapter("smooth", 2, AdapterState.ACCEPTED),
                    adapter("smooth", 3, AdapterState.REJECTED),
                    adapter("other", 1, AdapterState.CANDIDATE));

    private static AdapterUpdated adapter(String name, long version, AdapterState state) {
        return adapter("wan", name, version, state);
    }

    private static AdapterUpdated adapter(
            String family, String name, long version, AdapterState state) {
        return new AdapterUpdated(
                new AdapterRef(name, version, Map.of()),
                family,
                "base",
                null,
                null,
                null,
                Map.of(),
                Map.of(),
                null,
                state,
                "because",
                null,
                Instant.EPOCH);
    }

    private static String found(String reference) {
        return AdapterReading.one(KNOWN, reference).adapter().id();
    }

    @Test
    void shouldFindTheNewestAcceptedOrTheNamedVersion() {
        assertThat(found("smooth@accepted")).isEqualTo("smooth@2");
        assertThat(found("smooth")).isEqualTo("smooth@2");
        assertThat(found("smooth@3")).isEqualTo("smooth@3");
    }

    @Test
    void shouldFindTheAdapterOfTheModelThatJudges() {
        var known = new ArrayList<>(KNOWN);
        known.add(adapter("qwen3-vl", "taste", 4, AdapterState.ACCEPTED));
        var found = AdapterReading.judge(known, "vlm", "adapter:taste@accepted");
        assertThat(found.adapter()).isEqualTo("adapter:taste@4");
        assertThat(found.base()).isEqualTo("base");
        assertThatThrownBy(() -> AdapterReading.judge(known, "vlm", "adapter:smooth@1"))
                .hasMessageContaining("smooth@1 changes a model of family wan");
    }

    @Test
    void shouldNameWhatThereIsInstead() {
        assertThatThrownBy(() -> found("smooth@9"))
                .hasMessageContaining("smooth@1 (accepted)")
                .hasMessageContaining("smooth@3 (rejected)");
        assertThatThrownBy(() -> found("other@accepted")).hasMessageContaining("other@1");
        assertThatThrownBy(() -> found("nobody@1")).hasMessageContaining("smooth@1");
        assertThatThrownBy(() -> found("a/b")).hasMessageContaining("names no adapter");
    }
}
