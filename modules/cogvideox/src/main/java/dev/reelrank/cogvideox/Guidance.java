package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.GenerationSettings;

/** How strongly the prompt counts against the negative prompt at each step. */
enum Guidance {
    /** The same at each step. */
    CONSTANT {
        @Override
        double at(double guidance, int index, int steps, double timestep) {
            return guidance;
        }
    },
    /** As diffusers' {@code use_dynamic_cfg} has it: by the timestep, so that it swings. */
    BY_TIMESTEP {
        @Override
        double at(double guidance, int index, int steps, double timestep) {
            return wave(guidance, (steps - timestep) / steps);
        }
    },
    /** As CogVideoX's own sampler has it: from little at the first step to full at the last. */
    BY_STEP {
        @Override
        double at(double guidance, int index, int steps, double timestep) {
            return wave(guidance, (double) index / steps);
        }
    };

    private static double wave(double guidance, double place) {
        return 1 + guidance * (1 - Math.cos(Math.PI * Math.pow(place, 5))) / 2;
    }

    abstract double at(double guidance, int index, int steps, double timestep);

    static Guidance of(GenerationSettings settings) {
        return values()[(int) settings.parameter(CogModel.DYNAMIC_GUIDANCE)];
    }
}
