package dev.reelrank.cli.terminal;

import dev.reelrank.pipeline.StageName;
import java.util.EnumMap;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a run is on standard error: a bar a stage on a terminal, a line a finished sample
 * elsewhere.
 */
public final class RunDisplay implements AutoCloseable {
    private final boolean watched;
    private final Map<StageName, ProgressBar> bars = new EnumMap<>(StageName.class);

    public RunDisplay(boolean watched) {
        this.watched = watched;
    }

    /**
     * Work that is finished of work that is known; shown on the bar of the stage.
     *
     * @param note what is being done now, for example "denoising step 3 of 8"; may be empty
     */
    public void stage(StageName stage, long done, long of, String note) {
        if (!watched) {
            return;
        }
        ProgressBar bar = bars.computeIfAbsent(stage, this::bar);
        bar.maxHint(of);
        bar.stepTo(done);
        bar.setExtraMessage(note);
    }

    /** Says something once; bars are kept below it. */
    public void say(String line) {
        System.err.println(line);
    }

    private ProgressBar bar(StageName stage) {
        return new ProgressBarBuilder()
                .setTaskName("%-9s".formatted(stage.id()))
                .setInitialMax(1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(250)
                .continuousUpdate()
                .hideEta()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, 100))
                .build();
    }

    @Override
    public void close() {
        bars.values().forEach(ProgressBar::close);
    }
}
