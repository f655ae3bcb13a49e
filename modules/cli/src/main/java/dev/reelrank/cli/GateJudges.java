package dev.reelrank.cli;

import dev.reelrank.dqa.GradeStage;
import dev.reelrank.dqa.GradedFile;
import dev.reelrank.dqa.PhaseName;
import dev.reelrank.dqa.VideoFile;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.reranker.RankingFigures;
import dev.reelrank.trainer.ClipJudge;
import dev.reelrank.trainer.ClipJudges;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges the trainer's clips by the models of the ranking and of the grade. */
final class GateJudges implements ClipJudges {
    private static final String GRADE = "grade";
    private static final Set<String> RANKING =
            Set.of(RankingFigures.IDENTITY, RankingFigures.COMPOSITE);

    @Override
    public void check(Set<String> figures, ModelFolders folders, Device device) {
        if (figures.stream().anyMatch(RANKING::contains)) {
            RankingFigures.check(folders, perception(device));
        }
        if (figures.contains(GRADE)) {
            try (var stage = new GradeStage(folders, FileFingerprints.ofUser(), device)) {
                stage.load(stage.loadKey(GradeConfig.defaults()), device);
            }
        }
    }

    @Override
    public ClipJudge open(Set<String> figures, ModelFolders folders, Device device, int cores) {
        boolean ranked = figures.stream().anyMatch(RANKING::contains);
        return new Judge(
                ranked ? RankingFigures.open(folders, perception(device), cores) : null,
                figures.contains(GRADE)
                        ? new GradeStage(folders, FileFingerprints.ofUser(), device)
                        : null,
                cores);
    }

    /** ONNX Runtime has a build of its own for GPUs. */
    private static Device perception(Device device) {
        return device.isCuda() && !dev.reelrank.reranker.RankingStage.gpuAvailable()
                ? Device.CPU
                : device;
    }

    private record Judge(@Nullable RankingFigures ranking, @Nullable GradeStage grade, int cores)
            implements ClipJudge {
        @Override
        public List<Map<String, Double>> judge(
                @Nullable RgbImage image, String prompt, List<Path> clips) {
            if (image == null) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "align.guards: identity, composite and grade compare with a reference image, and this sample has none");
            }
            var all = new ArrayList<Map<String, Double>>();
            clips.forEach(clip -> all.add(new LinkedHashMap<>()));
            if (ranking != null) {
                var ranked = ranking.of(image, prompt, clips);
                for (int i = 0; i < clips.size(); i++) {
                    all.get(i).putAll(ranked.get(i));
                }
            }
            if (grade != null) {
                var files = clips.stream().map(c -> new VideoFile(prompt, null, image, c)).toList();
                var graded =
                        grade.gradeFiles(
                                files,
                                EnumSet.allOf(PhaseName.class),
                                GradeConfig.defaults(),
                                null,
                                cores);
                for (int i = 0; i < clips.size(); i++) {
                    all.get(i).put(GRADE, score(graded.get(i)));
                }
            }
            return all;
        }

        private static double score(GradedFile graded) {
            if (graded.failure() != null) {
                throw graded.failure();
            }
            Double score = graded.result() == null ? null : graded.result().score();
            if (score == null) {
                throw new StageException(
                        FailureCode.INVALID_SAMPLE,
                        "align.guards: no evidence for a grade of %s could be computed"
                                .formatted(graded.video().getFileName()));
            }
            return score;
        }

        @Override
        public void close() {
            if (ranking != null) {
                ranking.close();
            }
            if (grade != null) {
                grade.close();
            }
        }
    }
}
