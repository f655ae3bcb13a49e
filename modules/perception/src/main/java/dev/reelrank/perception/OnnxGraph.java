package dev.reelrank.perception;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.reelrank.djl.DjlSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One loaded graph: a session of ONNX Runtime with a translator in front.
 *
 * <p>Not thread-safe: GPU memory grows when threads take turns on a session, so a graph belongs to
 * one thread.
 */
final class OnnxGraph<I, O> implements AutoCloseable {
    private final String name;
    private final ZooModel<I, O> model;
    private final Predictor<I, O> predictor;

    private OnnxGraph(String name, ZooModel<I, O> model) {
        this.name = name;
        this.model = model;
        this.predictor = model.newPredictor();
    }

    /** Opens a graph that keeps the memory of its activations for the next call. */
    static <I, O> OnnxGraph<I, O> open(
            OnnxFolder folder,
            String graph,
            Class<I> input,
            Class<O> output,
            Translator<I, O> translator,
            PerceptionSettings settings) {
        return open(folder, graph, input, output, translator, settings, true);
    }

    /**
     * @param keeping whether the memory of activations is kept for the next call; if not, it goes
     *     back within each, for other graphs to take. On a GPU it is always kept.
     */
    static <I, O> OnnxGraph<I, O> open(
            OnnxFolder folder,
            String graph,
            Class<I> input,
            Class<O> output,
            Translator<I, O> translator,
            PerceptionSettings settings,
            boolean keeping) {
        var entry = folder.graph(graph);
        boolean cuda = settings.device().isCuda();
        var half = entry.half();
        var file = cuda && half != null ? half : entry.file();
        var path = folder.path().resolve(file);
        DjlSettings.apply();
        try (var options = options(settings, cuda || keeping)) {
            var criteria =
                    Criteria.builder()
                            .setTypes(input, output)
                            .optEngine("OnnxRuntime")
                            .optDevice(cuda ? Device.gpu(settings.device().index()) : Device.cpu())
                            .optModelPath(folder.path())
                            .optModelName(file.substring(0, file.length() - ".onnx".length()))
                            .optTranslator(new FiniteOutputs<>(path.toString(), translator))
                            .optOptions(whole(options))
                            .build();
            var opened = new OnnxGraph<>(path.toString(), criteria.loadModel());
            OrtLifetime.hold();
            return opened;
        } catch (IOException | ModelNotFoundException e) {
            throw failed(FailureCode.MODEL_MISSING, path + " cannot be loaded", e);
        } catch (MalformedModelException | EngineException | OrtException e) {
            throw failed(
                    FailureCode.MODEL_MISMATCH,
                    "%s cannot be loaded on %s; is the file complete, and does the runtime support the device?"
                            .formatted(path, settings.device()),
                    e);
        }
    }

    private static OrtSession.SessionOptions options(PerceptionSettings settings, boolean keeping)
            throws OrtException {
        var options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(settings.threads());
        options.setInterOpNumThreads(1);
        // Which nodes compute on the CPU beside a GPU is for who writes graphs; it would stand in
        // the middle of a command's output.
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        if (!keeping) {
            // Memory of activations from the operating system, call by call.
            options.setCPUArenaAllocator(false);
            options.setMemoryPatternOptimization(false);
        }
        return options;
    }

    /**
     * DJL's own options only switch the arena and the pattern on, and both are on from the start;
     * of logging it has none. It takes whole options too, as {@code sessionOptions}, though its
     * map's type does not say so, and adds the GPU to them.
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Map<String, String> whole(OrtSession.SessionOptions options) {
        var map = new HashMap<String, String>();
        ((Map) map).put("sessionOptions", options);
        return map;
    }

    O predict(I input) {
        try {
            return predictor.predict(input);
        } catch (TranslateException e) {
            if (root(e) instanceof StageException known) {
                throw known;
            }
            var text = String.valueOf(rootMessage(e)).toLowerCase(Locale.ROOT);
            if (text.contains("allocate memory") || text.contains("out of memory")) {
                throw failed(
                        FailureCode.OUT_OF_DEVICE_MEMORY,
                        "no memory left on the device for "
                                + name
                                + "; use a smaller batch or another device",
                        e);
            }
            throw failed(FailureCode.INTERNAL_ERROR, name + " failed", e);
        }
    }

    private static StageException failed(FailureCode code, String what, Exception cause) {
        return new StageException(code, what + ": " + rootMessage(cause), cause);
    }

    private static Throwable root(Throwable e) {
        var root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String rootMessage(Throwable e) {
        return String.valueOf(root(e).getMessage());
    }

    @Override
    public void close() {
        predictor.close();
        model.close();
    }
}
