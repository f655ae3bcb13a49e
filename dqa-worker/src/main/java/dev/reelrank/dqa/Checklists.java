package dev.reelrank.dqa;

import dev.reelrank.grading.reward.Checklist;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads the vision-reward checklist from its resource. */
final class Checklists {
    private Checklists() {}

    @SuppressWarnings("unchecked")
    static Checklist vision() {
        try (InputStream in =
                Checklists.class.getResourceAsStream("/dev/reelrank/dqa/checklist.yaml")) {
            var items =
                    (List<Map<String, Object>>)
                            new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            return new Checklist(
                    items.stream()
                            .map(
                                    i ->
                                            new Checklist.Item(
                                                    (String) Objects.requireNonNull(i.get("axis")),
                                                    (String)
                                                            Objects.requireNonNull(
                                                                    i.get("question")),
                                                    "yes".equals(i.get("good")),
                                                    ((Number)
                                                                    Objects.requireNonNull(
                                                                            i.get("weight")))
                                                            .doubleValue()))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read checklist.yaml", e);
        }
    }
}
