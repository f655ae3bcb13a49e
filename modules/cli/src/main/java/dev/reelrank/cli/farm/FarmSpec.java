package dev.reelrank.cli.farm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an attached command needs to be running.
 *
 * @param bootstrap an existing cluster; null for the broker of the data folder
 * @param kafkaConfig further Kafka settings, a properties file
 * @param store URI of the result store
 * @param processing whether flow and workers are needed, or only the broker
 * @param devices each gets one set of workers: cpu, cuda:0, …
 * @param models the models root
 * @param modelOverrides name=path
 * @param drainTimeoutSeconds how long a worker may finish what it holds when it is asked to end
 */
public record FarmSpec(
        @Nullable String bootstrap,
        @Nullable String kafkaConfig,
        String store,
        boolean processing,
        List<String> devices,
        String models,
        List<String> modelOverrides,
        int drainTimeoutSeconds) {}
