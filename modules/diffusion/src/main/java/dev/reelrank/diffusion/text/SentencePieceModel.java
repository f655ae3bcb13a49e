package dev.reelrank.diffusion.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A SentencePiece file ({@code spiece.model}) of a T5 tokenizer, and the same tokenizer in the
 * format of {@code tokenizer.json}, which the tokenizers library reads.
 *
 * <p>The file is a protocol buffer, {@code ModelProto} of sentencepiece_model.proto. Only what a
 * unigram tokenizer needs is read of it. As in T5, the sentinels {@code <extra_id_N>} follow the
 * pieces, and a text ends with {@code </s>}.
 */
final class SentencePieceModel {
    private static final String SPACE = "▁";
    private static final String END = "</s>";
    private static final int UNIGRAM = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int SENTINELS = 100;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Path path;
    private final List<Piece> pieces = new ArrayList<>();
    private byte[] charsMap = {};
    private int unknown;
    private int modelType = UNIGRAM;

    private record Piece(String text, float score, int type) {}

    private SentencePieceModel(Path path) {
        this.path = path;
    }

    /**
     * Reads a file.
     *
     * @throws StageException MODEL_MISMATCH for a file that is none, or of another kind
     */
    static SentencePieceModel read(Path path) {
        GitLfsPointer.refuse(path);
        var model = new SentencePieceModel(path);
        try {
            model.take(new Message(Files.readAllBytes(path)));
        } catch (IOException | RuntimeException e) {
            throw model.broken("is not a readable SentencePiece model", e);
        }
        if (model.modelType != UNIGRAM) {
            throw model.broken("is no unigram model, which T5 tokenizers are", null);
        }
        if (model.pieces.stream().noneMatch(piece -> piece.text.equals(END))) {
            throw model.broken("has no piece " + END + ", which ends a text", null);
        }
        return model;
    }

    private StageException broken(String what, @org.jspecify.annotations.Nullable Exception cause) {
        return new StageException(FailureCode.MODEL_MISMATCH, path + " " + what, cause);
    }

    private void take(Message file) {
        while (file.next()) {
            switch (file.field()) {
                case 1 -> pieces.add(piece(file.message()));
                case 2 -> takeTrainer(file.message());
                case 3 -> takeNormalizer(file.message());
                default -> file.skip();
            }
        }
    }

    private static Piece piece(Message message) {
        String text = "";
        float score = 0;
        int type = 1;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> text = new String(message.bytes(), StandardCharsets.UTF_8);
                case 2 -> score = message.number();
                case 3 -> type = (int) message.varint();
                default -> message.skip();
            }
        }
        return new Piece(text, score, type);
    }

    private void takeTrainer(Message message) {
        while (message.next()) {
            switch (message.field()) {
                case 3 -> modelType = (int) message.varint();
                case 40 -> unknown = (int) message.varint();
                default -> message.skip();
            }
        }
    }

    private void takeNormalizer(Message message) {
        while (message.next()) {
            if (message.field() == 2) {
                charsMap = message.bytes();
            } else {
                message.skip();
            }
        }
    }

    /** The tokenizer as JSON: normalizer, split at spaces, unigram pieces, end of text. */
    String toTokenizerJson() {
        ObjectNode root = JSON.objectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode vocabulary = JSON.arrayNode();
        ArrayNode added = JSON.arrayNode();
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            vocabulary.addArray().add(piece.text).add((double) piece.score);
            if (piece.type == UNKNOWN || piece.type == CONTROL) {
                added.add(token(id, piece.text, false));
            }
        }
        for (int i = SENTINELS - 1; i >= 0; i--) {
            String sentinel = "<extra_id_" + i + ">";
            added.add(token(vocabulary.size(), sentinel, true));
            vocabulary.addArray().add(sentinel).add(0.0);
        }
        root.set("added_tokens", added);
        root.set("normalizer", normalizer());
        root.putObject("pre_tokenizer")
                .put("type", "Metaspace")
                .put("replacement", SPACE)
                .put("prepend_scheme", "always")
                .put("split", true);
        root.set("post_processor", ending());
        root.putObject("model")
                .put("type", "Unigram")
                .put("unk_id", unknown)
                .put("byte_fallback", false)
                .set("vocab", vocabulary);
        return root.toString();
    }

    private static ObjectNode token(int id, String text, boolean sentinel) {
        return JSON.objectNode()
                .put("id", id)
                .put("content", text)
                .put("single_word", false)
                .put("lstrip", sentinel)
                .put("rstrip", sentinel)
                .put("normalized", false)
                .put("special", true);
    }

    private ObjectNode normalizer() {
        ObjectNode sequence = JSON.objectNode().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        if (charsMap.length > 0) {
            steps.addObject()
                    .put("type", "Precompiled")
                    .put("precompiled_charsmap", Base64.getEncoder().encodeToString(charsMap));
        }
        steps.addObject().put("type", "Strip").put("strip_left", false).put("strip_right", true);
        ObjectNode replace = steps.addObject().put("type", "Replace").put("content", SPACE);
        replace.putObject("pattern").put("Regex", " {2,}");
        return sequence;
    }

    private ObjectNode ending() {
        ObjectNode template = JSON.objectNode().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        single.addObject().putObject("SpecialToken").put("id", END).put("type_id", 0);
        template.putArray("pair").addAll(single.deepCopy());
        ObjectNode end = template.putObject("special_tokens").putObject(END).put("id", END);
        int id = 0;
        while (!pieces.get(id).text.equals(END)) {
            id++;
        }
        end.putArray("ids").add(id);
        end.putArray("tokens").add(END);
        return template;
    }

    /** The fields of a protocol buffer message, one after another. */
    private static final class Message {
        private final ByteBuffer bytes;
        private int tag;

        Message(byte[] bytes) {
            this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        boolean next() {
            if (!bytes.hasRemaining()) {
                return false;
            }
            tag = (int) varint();
            return true;
        }

        int field() {
            return tag >>> 3;
        }

        long varint() {
            long value = 0;
            int shift = 0;
            byte part;
            do {
                part = bytes.get();
                value |= (long) (part & 0x7f) << shift;
                shift += 7;
            } while (part < 0);
            return value;
        }

        float number() {
            return bytes.getFloat();
        }

        byte[] bytes() {
            int length = Math.toIntExact(varint());
            if (length > bytes.remaining()) {
                throw new IllegalArgumentException("a field of " + length + " bytes is cut off");
            }
            byte[] value = new byte[length];
            bytes.get(value);
            return value;
        }

        Message message() {
            return new Message(bytes());
        }

        void skip() {
            switch (tag & 7) {
                case 0 -> varint();
                case 1 -> bytes.getLong();
                case 2 -> bytes();
                case 5 -> bytes.getInt();
                default -> throw new IllegalArgumentException("no wire type " + (tag & 7));
            }
        }
    }
}
