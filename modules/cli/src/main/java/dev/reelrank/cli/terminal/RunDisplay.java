package dev.reelrank.cli.terminal;

import dev.reelrank.client.run.RunProgress;
import dev.reelrank.pipeline.StageName;
import java.util.HashMap;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a run is on standard error: a bar a stage on a terminal, a line a finished sample
 * elsewhere.
 */
public final class RunDisplay implements RunProgress, AutoCloseable {
    private final boolean watched;
    private final Map<StageName, ProgressBar> bars = new HashMap<>();

    public RunDisplay(boolean watched) {
        this.watched = watched;
    }

    @Override
    public void stage(StageName stage, long done, long of, String note) {
        if (!watched) {
            return;
        }
        ProgressBar bar = bars.computeIfAbsent(stage, this::bar);
        bar.maxHint(of);
        bar.stepTo(done);
        bar.setExtraMessage(note);
    }

    /** Bars are kept below the line. */
    @Override
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
