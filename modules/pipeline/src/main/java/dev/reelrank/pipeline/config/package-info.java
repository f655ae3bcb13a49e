/**
 * The configuration of a run: one record per stage, with the defaults and the ranges. A null value
 * means auto: the model's own default ({@code generation_defaults.json} beside its {@code
 * model_index.json}).
 */
@NullMarked
package dev.reelrank.pipeline.config;

import org.jspecify.annotations.NullMarked;
