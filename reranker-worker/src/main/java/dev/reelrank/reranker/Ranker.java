package dev.reelrank.reranker;

import dev.reelrank.grading.prompt.Deed;
import dev.reelrank.grading.prompt.FactParser;
import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.perception.Dinov3;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.pipeline.stage.RankingResult.SubjectMask;
import dev.reelrank.ranking.Choice;
import dev.reelrank.ranking.CompositeScorer;
import dev.reelrank.ranking.PatchConcentration;
import dev.reelrank.ranking.Scorer;
import dev.reelrank.ranking.SubjectGroup;
import dev.reelrank.ranking.SubjectPhrase;
import dev.reelrank.reranker.report.CandidateReport;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.video.VideoInfo;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares candidates with a reference image and chooses one. */
final class Ranker {
    /** Candidates whose frames are decoded at the same time. */
    private static final int FEEDS = 3;

    /**
     * A video to rank.
     *
     * @param name what reasons call it
     * @param file where it lies
     * @param preference all different; the smallest is the default choice
     */
    record Candidate(String name, Path file, int preference) {}

    /** Hears how far the ranking is. */
    interface Progress {
        void finished(int candidates, int of);

        boolean cancelled();
    }

    private final RankingModels models;
    private final RankingConfig config;
    private final Scorer scorer;
    private final CandidateGeometry geometry;

    Ranker(RankingModels models, RankingConfig config) {
        this(models, config, new CompositeScorer(config.weights()));
    }

    Ranker(RankingModels models, RankingConfig config, Scorer scorer) {
        this.models = models;
        this.config = config;
        this.scorer = scorer;
        this.geometry = new CandidateGeometry(models.vggt(), config.geometryMeasured());
    }

    /**
     * @param prompt the user's, for what the subject is to do
     * @return empty when it was cancelled
     * @throws dev.reelrank.pipeline.StageException UNREADABLE_VIDEO for a candidate that does not
     *     decode: leaving it out could make a wrong winner in silence
     */
    Optional<RankingReport> rank(
            RgbImage image,
            String prompt,
            Optional<SubjectPhrase> subject,
            List<Candidate> candidates,
            Progress progress) {
        var stopwatch = new Stopwatch();
        var finder =
                subject.map(s -> new SubjectFinder(models.sam3(), s.phrase(), config, stopwatch))
                        .orElse(null);
        var reference = reference(image, finder, stopwatch);
        var deeds = subject.map(s -> deeds(prompt, s.phrase())).orElse(List.of());
        var reports = new ArrayList<CandidateReport>();
        try (var feeds = new Feeds(candidates, reference)) {
            for (var candidate : candidates) {
                progress.finished(reports.size(), candidates.size());
                var feed = feeds.next();
                var report = score(candidate, feed, finder, reference, deeds, stopwatch, progress);
                if (report.isEmpty()) {
                    return Optional.empty();
                }
                reports.add(report.get());
                requireAlike(reports.get(0), report.get());
                feeds.finish(feed);
            }
        }
        progress.finished(reports.size(), candidates.size());
        var choice = choose(candidates, reports);
        return Optional.of(
                new RankingReport(
                        image,
                        subject.map(SubjectPhrase::phrase).orElse(null),
                        subject.map(SubjectPhrase::group).orElse(SubjectGroup.OTHER),
                        verdict(reference.view()),
                        reference.view().mask(),
                        reports,
                        choice,
                        stopwatch.millis()));
    }

    /** What the prompt says that the subject does; nothing where it speaks of another thing. */
    private static List<Deed> deeds(String prompt, String subject) {
        var facts = FactParser.byRules(prompt, null);
        String noun = PromptFacts.noun(subject);
        return facts.deeds().stream()
                .filter(d -> PromptFacts.noun(facts.objects().get(d.actor())).equals(noun))
                .toList();
    }

    /** A single frame is perfectly consistent: among videos it would win without having moved. */
    private static void requireAlike(CandidateReport first, CandidateReport next) {
        if (first.info().frames() == 1 ^ next.info().frames() == 1) {
            var still = next.info().frames() == 1 ? next : first;
            throw new StageException(
                    FailureCode.UNREADABLE_VIDEO,
                    "candidate %s has a single frame and the others move: a still cannot be compared with videos; leave it out or generate it again"
                            .formatted(still.name()));
        }
    }

    private Optional<CandidateReport> score(
            Candidate candidate,
            FrameFeed feed,
            @Nullable SubjectFinder finder,
            Reference reference,
            List<Deed> deeds,
            Stopwatch stopwatch,
            Progress progress) {
        try {
            var info = stopwatch.time("waitForFrames", feed::info);
            var scoring =
                    new CandidateScoring(
                            models.dinov3(),
                            segmented(reference) > 0 ? finder : null,
                            reference,
                            config.explain(),
                            stopwatch);
            if (!scoring.read(feed, info.frames(), config.frames(), progress::cancelled)) {
                return Optional.empty();
            }
            var rigid = stopwatch.time("geometry", () -> geometry.of(candidate.file()));
            return Optional.of(report(candidate, info, scoring, deeds, rigid));
        } catch (StageException e) {
            throw new StageException(
                    e.code(), "candidate " + candidate.name() + ": " + e.getMessage(), e);
        }
    }

    private Reference reference(
            RgbImage image, @Nullable SubjectFinder finder, Stopwatch stopwatch) {
        var view =
                finder == null
                        ? SubjectView.none("the prompts name no subject")
                        : finder.find(models.sam3().prepare(image));
        var dinov3 = models.dinov3();
        var inputs = new ArrayList<>(List.of(dinov3.prepare(image)));
        var box = view.box();
        if (view.usable() && box != null) {
            var crop = Reference.crop(box, image.width(), image.height());
            inputs.add(dinov3.prepare(image.cut(crop)));
        }
        var tokens = stopwatch.time("embed", () -> dinov3.tokensOf(inputs));
        return new Reference(image, tokens.get(0).cls(), view, tokens.get(tokens.size() - 1).cls());
    }

    private int segmented(Reference reference) {
        return reference.view().usable() ? Math.min(config.maskFrames(), config.frames()) : 0;
    }

    private CandidateReport report(
            Candidate candidate,
            VideoInfo info,
            CandidateScoring scoring,
            List<Deed> deeds,
            List<GeometryScore> rigid) {
        var measures =
                scoring.measures(normalisation(models.dinov3()), deeds)
                        .withGeometry(rigid.isEmpty() ? null : rigid.get(0).term());
        return new CandidateReport(
                candidate.name(),
                info,
                measures,
                scorer.score(measures),
                rigid,
                scoring.frames(),
                scoring.views());
    }

    private PatchConcentration normalisation(Dinov3 dinov3) {
        var centre = config.concentrationCentre();
        var scale = config.concentrationScale();
        return new PatchConcentration(
                centre == null ? dinov3.folder().constant("concentrationCentre") : centre,
                scale == null ? dinov3.folder().constant("concentrationScale") : scale);
    }

    private Choice choose(List<Candidate> candidates, List<CandidateReport> reports) {
        var choice =
                Choice.among(
                        candidates.stream().map(Candidate::name).toList(),
                        reports.stream().mapToDouble(CandidateReport::composite).toArray(),
                        candidates.stream().mapToInt(Candidate::preference).toArray(),
                        config.minSpread());
        var first = reports.get(0).info();
        boolean alike =
                reports.stream()
                        .map(CandidateReport::info)
                        .allMatch(
                                i ->
                                        i.width() == first.width()
                                                && i.height() == first.height()
                                                && i.frames() == first.frames());
        return alike
                ? choice
                : new Choice(
                        choice.index(),
                        choice.spread(),
                        choice.reason() + "; the candidates differ in size or length");
    }

    private static SubjectMask verdict(SubjectView view) {
        var box = view.box();
        return new SubjectMask(
                view.usable(),
                box == null ? List.of() : box.toList(),
                view.share(),
                view.objection());
    }

    /** Decodes the next few candidates ahead, in order. */
    private final class Feeds implements AutoCloseable {
        private final Deque<Candidate> later;
        private final Deque<FrameFeed> running = new ArrayDeque<>();
        private final int segmented;

        Feeds(List<Candidate> candidates, Reference reference) {
            this.later = new ArrayDeque<>(candidates);
            this.segmented = segmented(reference);
            fill();
        }

        private void fill() {
            while (running.size() < FEEDS && !later.isEmpty()) {
                running.add(
                        FrameFeed.start(
                                later.remove().file(),
                                config.frames(),
                                segmented,
                                models.dinov3()::prepare,
                                models.sam3()::prepare));
            }
        }

        FrameFeed next() {
            return running.element();
        }

        void finish(FrameFeed feed) {
            feed.close();
            running.remove(feed);
            fill();
        }

        @Override
        public void close() {
            running.forEach(FrameFeed::close);
        }
    }
}
