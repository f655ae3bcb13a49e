package dev.reelrank.evaluation.study;

import java.util.ArrayList;

/** Every figure of every sample, one a line, for programs. */
final class SamplesCsv {
    private SamplesCsv() {}

    static String of(StudyData data) {
        var lines = new ArrayList<String>();
        lines.add(
                "configuration,run,sample,seed,width,height,frames,seconds,gpu_seconds,metric,version,value,reason");
        for (Cell cell : data.cells()) {
            for (StudySample sample : cell.samples()) {
                String start =
                        "%s,%s,%s,%d,%d,%d,%d,%s,%s"
                                .formatted(
                                        quoted(cell.name()),
                                        quoted(cell.run()),
                                        quoted(sample.id()),
                                        sample.seed(),
                                        sample.width(),
                                        sample.height(),
                                        sample.frames(),
                                        Numbers.csv(sample.seconds()),
                                        Numbers.csv(sample.gpuSeconds()));
                if (sample.failure() != null) {
                    lines.add(start + ",,,," + quoted(sample.failure()));
                }
                sample.figures()
                        .forEach(
                                (name, m) ->
                                        lines.add(
                                                "%s,%s,%d,%s,%s"
                                                        .formatted(
                                                                start,
                                                                name,
                                                                m.version(),
                                                                m.value() == null
                                                                        ? ""
                                                                        : m.value().toString(),
                                                                quoted(
                                                                        m.reason() == null
                                                                                ? ""
                                                                                : m.reason()))));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String quoted(String text) {
        return text.matches("[\\w .=@:+/-]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }
}
