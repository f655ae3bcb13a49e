package dev.reelrank.diffusion.schedule;

/** What schedulers share that go down the noise levels of a trained diffusion. */
public abstract sealed class LevelScheduler implements Scheduler
        permits DdimScheduler, DpmSdeScheduler {
    final DdimSettings settings;
    final DiffusionLevels levels;

    /**
     * @param steps at least 1
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for more steps than the training
     *     has timesteps
     */
    LevelScheduler(DdimSettings settings, int steps) {
        this.settings = settings;
        levels = new DiffusionLevels(settings, steps);
    }

    @Override
    public PredictionType prediction() {
        return settings.prediction();
    }

    @Override
    public double[] timesteps() {
        return levels.timesteps();
    }

    @Override
    public double[] sigmas() {
        return levels.sigmas();
    }

    @Override
    public double signal(int index) {
        return levels.signal(index);
    }

    @Override
    public double noise(int index) {
        return levels.noise(index);
    }
}
