package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.TuneConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * Learn from selections.
 *
 * @param version the number of the new version, above every one that was ever given; 0 from a flow
 *     that did not number them, which meant the parent's plus one
 * @param parent the version to start from and to compare with
 * @param pairs every selection up to now, oldest first
 */
public record TuneRequest(
        long version, PreferenceVersion parent, List<PreferencePair> pairs, TuneConfig config)
        implements StageRequest {
    public TuneRequest {
        version = version == 0 ? parent.version() + 1 : version;
        pairs = List.copyOf(pairs);
    }

    @Override
    public StageName stage() {
        return StageName.TUNE;
    }

    @Override
    public List<InputBlob> blobs() {
        var model = InputBlob.optional(parent.model());
        return Stream.concat(
                        model.stream(),
                        pairs.stream()
                                .flatMap(p -> Stream.of(p.image(), p.chosen(), p.rejected()))
                                .distinct()
                                .map(InputBlob::given))
                .toList();
    }
}
