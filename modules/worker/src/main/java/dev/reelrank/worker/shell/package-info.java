/**
 * The shell around a stage: options, life cycle, and the loop that takes work from the queue, finds
 * or computes its result, reports it and accepts the record.
 *
 * <p>A worker's main class is short:
 *
 * <pre>{@code
 * @Command(name = "prompt", description = "Writes prompts.")
 * public final class PromptWorker extends WorkerCommand {
 *     @Override
 *     protected String kind() {
 *         return "prompt";
 *     }
 *
 *     @Override
 *     protected List<Stage<?, ?>> serve(WorkerSetup setup) {
 *         var stage = new PromptStage(setup.models(), setup.fingerprints());
 *         return List.of(stage);
 *     }
 *
 *     public static void main(String[] args) {
 *         System.exit(WorkerCommand.execute(new PromptWorker(), args));
 *     }
 * }
 * }</pre>
 */
@NullMarked
package dev.reelrank.worker.shell;

import org.jspecify.annotations.NullMarked;
