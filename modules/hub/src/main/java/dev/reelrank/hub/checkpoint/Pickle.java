package dev.reelrank.hub.checkpoint;

import dev.reelrank.hub.checkpoint.Value.Dictionary;
import dev.reelrank.hub.checkpoint.Value.None;
import dev.reelrank.hub.checkpoint.Value.Sequence;
import dev.reelrank.hub.checkpoint.Value.Text;
import dev.reelrank.hub.checkpoint.Value.Tuple;
import dev.reelrank.hub.checkpoint.Value.Whole;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The machine that a pickle is a program for, reduced to what PyTorch writes for tensors (protocols
 * 2 to 5). Calls go through {@link Globals}; an instruction that could do anything else is refused.
 */
final class Pickle {
    private final ByteBuffer in;
    private final List<Value> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Value> memo = new HashMap<>();

    private Pickle(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The value that the pickle leaves.
     *
     * @throws PickleException if it is truncated, or does what no checkpoint has to
     */
    static Value read(byte[] bytes) throws PickleException {
        try {
            return new Pickle(bytes).run();
        } catch (BufferUnderflowException e) {
            throw new PickleException("has a pickle that ends too early");
        }
    }

    private Value run() throws PickleException {
        while (true) {
            int at = in.position();
            int code = in.get() & 0xff;
            if (code == '.') {
                return pop();
            }
            if (!simple(code) && !container(code) && !reference(code)) {
                throw new PickleException(
                        "has the pickle instruction 0x%02x at byte %d, which tensors do not need"
                                .formatted(code, at));
            }
        }
    }

    /** Numbers, texts and the frame around them. */
    private boolean simple(int code) throws PickleException {
        switch (code) {
            case 0x80 -> protocol(in.get() & 0xff);
            case 0x95 -> in.getLong(); // A frame: says how much comes, which is seen anyway.
            case 'N' -> stack.add(None.NONE);
            case 0x88 -> stack.add(new Whole(1));
            case 0x89 -> stack.add(new Whole(0));
            case 'J' -> stack.add(new Whole(in.getInt()));
            case 'K' -> stack.add(new Whole(in.get() & 0xff));
            case 'M' -> stack.add(new Whole(in.getShort() & 0xffff));
            case 0x8a -> stack.add(new Whole(longNumber(bytes(in.get() & 0xff))));
            case 'G' -> stack.add(new Value.Real(bigEndianDouble()));
            case 'X' -> stack.add(text(length()));
            case 0x8c -> stack.add(text(in.get() & 0xff));
            case 'U' -> stack.add(text(in.get() & 0xff));
            case 'C' -> stack.add(new Value.Bytes(bytes(in.get() & 0xff).length));
            case 'B' -> stack.add(new Value.Bytes(bytes(length()).length));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void protocol(int version) throws PickleException {
        if (version < 2 || version > 5) {
            throw new PickleException("has a pickle of protocol " + version);
        }
    }

    private double bigEndianDouble() {
        double value = in.order(ByteOrder.BIG_ENDIAN).getDouble();
        in.order(ByteOrder.LITTLE_ENDIAN);
        return value;
    }

    private int length() throws PickleException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining()) {
            throw new PickleException("has a text that is longer than the pickle");
        }
        return length;
    }

    private byte[] bytes(int count) {
        var bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private Text text(int count) {
        return new Text(new String(bytes(count), StandardCharsets.UTF_8));
    }

    private static long longNumber(byte[] little) throws PickleException {
        if (little.length > 8) {
            throw new PickleException("has a number of " + little.length + " bytes");
        }
        var big = new byte[little.length];
        for (int i = 0; i < big.length; i++) {
            big[i] = little[little.length - 1 - i];
        }
        return big.length == 0 ? 0 : new BigInteger(big).longValue();
    }

    /** Tuples, lists and dictionaries. */
    private boolean container(int code) throws PickleException {
        switch (code) {
            case '(' -> marks.push(stack.size());
            case ')' -> stack.add(new Tuple(List.of()));
            case 't' -> stack.add(new Tuple(popToMark()));
            case 0x85 -> stack.add(new Tuple(pop(1)));
            case 0x86 -> stack.add(new Tuple(pop(2)));
            case 0x87 -> stack.add(new Tuple(pop(3)));
            case ']' -> stack.add(new Sequence(new ArrayList<>()));
            case 'a' -> extend(pop(1));
            case 'e' -> extend(popToMark());
            case '}' -> stack.add(new Dictionary(new LinkedHashMap<>()));
            case 's' -> put(pop(2));
            case 'u' -> put(popToMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void extend(List<Value> items) throws PickleException {
        if (!(top() instanceof Sequence sequence)) {
            throw new PickleException("adds items to something that is no list");
        }
        sequence.items().addAll(items);
    }

    private void put(List<Value> pairs) throws PickleException {
        if (!(top() instanceof Dictionary dictionary) || pairs.size() % 2 != 0) {
            throw new PickleException("sets keys of something that is no dictionary");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            Value key = pairs.get(i);
            if (!(key instanceof Text || key instanceof Whole)) {
                throw new PickleException("has a key that is neither a text nor a number");
            }
            dictionary.entries().put(key, pairs.get(i + 1));
        }
    }

    /** Names, calls, references and the memo. */
    private boolean reference(int code) throws PickleException {
        switch (code) {
            case 'c' -> stack.add(Globals.of(line(), line()));
            case 0x93 -> stackGlobal();
            case 'Q' -> stack.add(Globals.persistent(pop()));
            case 'R' -> {
                List<Value> call = pop(2);
                stack.add(Globals.call(call.get(0), call.get(1)));
            }
            case 'b' -> build();
            case 'q' -> memo.put(in.get() & 0xff, top());
            case 'r' -> memo.put(in.getInt(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> stack.add(remembered(in.get() & 0xff));
            case 'j' -> stack.add(remembered(in.getInt()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private String line() {
        var line = new StringBuilder();
        for (int c = in.get() & 0xff; c != '\n'; c = in.get() & 0xff) {
            line.append((char) c);
        }
        return line.toString();
    }

    private void stackGlobal() throws PickleException {
        List<Value> names = pop(2);
        if (!(names.get(0) instanceof Text module) || !(names.get(1) instanceof Text name)) {
            throw new PickleException("names something that is no text");
        }
        stack.add(Globals.of(module.text(), name.text()));
    }

    /** Attributes: dictionaries have some that say nothing about tensors; nothing else may. */
    private void build() throws PickleException {
        pop();
        if (!(top() instanceof Dictionary)) {
            throw new PickleException("sets attributes of something that is no dictionary");
        }
    }

    private Value remembered(int key) throws PickleException {
        Value value = memo.get(key);
        if (value == null) {
            throw new PickleException("refers to something that it never stored");
        }
        return value;
    }

    private Value top() throws PickleException {
        int floor = marks.isEmpty() ? 0 : marks.peek();
        if (stack.size() <= floor) {
            throw new PickleException("has a pickle that takes more than it gave");
        }
        return stack.get(stack.size() - 1);
    }

    private Value pop() throws PickleException {
        Value value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    private List<Value> pop(int count) throws PickleException {
        var items = new ArrayList<Value>();
        for (int i = 0; i < count; i++) {
            items.add(0, pop());
        }
        return items;
    }

    private List<Value> popToMark() throws PickleException {
        if (marks.isEmpty() || marks.peek() > stack.size()) {
            throw new PickleException("has a pickle that takes more than it gave");
        }
        List<Value> tail = stack.subList(marks.pop(), stack.size());
        var items = new ArrayList<>(tail);
        tail.clear();
        return items;
    }
}
