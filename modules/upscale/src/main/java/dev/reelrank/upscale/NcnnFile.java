package dev.reelrank.upscale;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Weights of an RRDBNet in the form of ncnn: {@code NAME.param} lists the layers, {@code NAME.bin}
 * holds their weights in the same order. Other networks are refused.
 */
final class NcnnFile {
    /** What stands before weights in half precision. */
    private static final int HALF = 0x01306B47;

    private static final String MAGIC = "7767517";
    private static final int PER_BLOCK = 15;
    private static final int AROUND = 6;

    private NcnnFile() {}

    /**
     * Writes the same weights as safetensors, in float32.
     *
     * @param bin the file with the weights; the .param lies beside it
     * @throws StageException MODEL_MISSING, MODEL_MISMATCH
     */
    static void convert(Path bin, Path result) {
        Path param =
                bin.resolveSibling(String.valueOf(bin.getFileName()).replaceFirst("bin$", "param"));
        try {
            List<Map<Integer, String>> layers = convolutions(param);
            int blocks = (layers.size() - AROUND) / PER_BLOCK;
            if (blocks < 1 || layers.size() != blocks * PER_BLOCK + AROUND) {
                throw mismatch(
                        param, "it has " + layers.size() + " convolutions, which no RRDBNet has");
            }
            var bytes = ByteBuffer.wrap(Files.readAllBytes(bin)).order(ByteOrder.LITTLE_ENDIAN);
            List<String> names = names(blocks);
            try (var scope = TensorScope.open()) {
                var tensors = new LinkedHashMap<String, Tensor>();
                for (int i = 0; i < layers.size(); i++) {
                    read(bin, bytes, layers.get(i), names.get(i), tensors);
                }
                if (bytes.hasRemaining()) {
                    throw mismatch(bin, bytes.remaining() + " bytes are left over");
                }
                SafetensorsWriter.write(result, tensors, Map.of("format", "pt"));
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "ncnn weights need two files, %s and %s: %s".formatted(param, bin, e),
                    e);
        }
    }

    /** The parameters of every convolution, in order. */
    private static List<Map<Integer, String>> convolutions(Path param) throws IOException {
        List<String> lines = Files.readAllLines(param);
        if (lines.isEmpty() || !lines.get(0).strip().equals(MAGIC)) {
            throw mismatch(param, "it is not a list of layers of ncnn");
        }
        var found = new ArrayList<Map<Integer, String>>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+", -1);
            if (!words[0].equals("Convolution")) {
                continue;
            }
            var values = new LinkedHashMap<Integer, String>();
            for (String word : words) {
                if (word.matches("-?\\d+=.*")) {
                    int equals = word.indexOf('=');
                    values.put(
                            Integer.valueOf(word.substring(0, equals)), word.substring(equals + 1));
                }
            }
            found.add(values);
        }
        return found;
    }

    /** The order in which the network uses them. */
    private static List<String> names(int blocks) {
        var names = new ArrayList<String>();
        names.add("conv_first");
        for (int block = 0; block < blocks; block++) {
            for (int dense = 1; dense <= 3; dense++) {
                for (int i = 1; i <= 5; i++) {
                    names.add("body.%d.rdb%d.conv%d".formatted(block, dense, i));
                }
            }
        }
        names.addAll(List.of("conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"));
        return names;
    }

    private static void read(
            Path bin,
            ByteBuffer bytes,
            Map<Integer, String> layer,
            String name,
            Map<String, Tensor> tensors) {
        int out = number(bin, layer, 0, name);
        int kernel = number(bin, layer, 1, name);
        int count = number(bin, layer, 6, name);
        if (kernel != 3 || count % (out * 9) != 0) {
            throw mismatch(bin, name + " is no convolution of 3x3");
        }
        try {
            int tag = bytes.getInt();
            if (tag != HALF && tag != 0) {
                throw mismatch(
                        bin,
                        "%s is stored in a form that is not known (%08x)".formatted(name, tag));
            }
            var weight = new float[count];
            for (int i = 0; i < count; i++) {
                weight[i] = tag == HALF ? half(bytes.getShort()) : bytes.getFloat();
            }
            if (tag == HALF && count % 2 == 1) {
                bytes.getShort(); // to a multiple of four bytes
            }
            var bias = new float[out];
            for (int i = 0; i < out; i++) {
                bias[i] = bytes.getFloat();
            }
            tensors.put(name + ".weight", Ops.tensor(weight, out, count / (out * 9), 3, 3));
            tensors.put(name + ".bias", Ops.tensor(bias, out));
        } catch (java.nio.BufferUnderflowException e) {
            throw mismatch(bin, "it ends within " + name);
        }
    }

    private static int number(Path bin, Map<Integer, String> layer, int key, String name) {
        String value = layer.get(key);
        if (value == null || !value.matches("[1-9]\\d{0,8}")) {
            throw mismatch(bin, "%s has no parameter %d".formatted(name, key));
        }
        return Integer.parseInt(value);
    }

    /** IEEE 754 binary16. */
    static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float value = fraction * 0x1p-24f;
            return sign == 0 ? value : -value;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    private static StageException mismatch(Path file, String why) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s does not hold the weights of a Real-ESRGAN: %s; download it again"
                        .formatted(file, why));
    }
}
