package dev.reelrank.hub.checkpoint;

import dev.reelrank.hub.checkpoint.Value.Dictionary;
import dev.reelrank.hub.checkpoint.Value.Global;
import dev.reelrank.hub.checkpoint.Value.Sequence;
import dev.reelrank.hub.checkpoint.Value.Storage;
import dev.reelrank.hub.checkpoint.Value.Tensor;
import dev.reelrank.hub.checkpoint.Value.Text;
import dev.reelrank.hub.checkpoint.Value.Tuple;
import dev.reelrank.hub.checkpoint.Value.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The allow-list: which classes and functions a pickle may name, and what a call of one means here.
 */
final class Globals {
    private static final Global ORDERED_DICT = new Global("collections", "OrderedDict");
    private static final Global SIZE = new Global("torch", "Size");
    private static final Global UNTYPED = new Global("torch.storage", "UntypedStorage");
    private static final Global REBUILD_2 = new Global("torch._utils", "_rebuild_tensor_v2");
    private static final Global REBUILD_3 = new Global("torch._utils", "_rebuild_tensor_v3");
    private static final Global PARAMETER = new Global("torch._utils", "_rebuild_parameter");
    private static final List<Global> CALLABLE =
            List.of(ORDERED_DICT, SIZE, REBUILD_2, REBUILD_3, PARAMETER);

    private Globals() {}

    /**
     * Looks a name up.
     *
     * @throws PickleException that names what was asked for, unless it is on the list
     */
    static Global of(String module, String name) throws PickleException {
        var global = new Global(module, name);
        boolean type =
                module.equals("torch")
                        && (ElementType.ofStorage(name).isPresent()
                                || ElementType.ofDtype(name).isPresent());
        if (CALLABLE.contains(global) || global.equals(UNTYPED) || type) {
            return global;
        }
        throw new PickleException(
                "asks for %s.%s, which is no part of a tensor. Nothing was executed; do not load this file with other tools"
                        .formatted(module, name));
    }

    /** What a call gives. */
    static Value call(Value function, Value arguments) throws PickleException {
        if (!(function instanceof Global global) || !(arguments instanceof Tuple tuple)) {
            throw new PickleException("calls something that is no function");
        }
        List<Value> items = tuple.items();
        if (global.equals(ORDERED_DICT)) {
            return dictionary(items);
        }
        if (global.equals(SIZE) && items.size() == 1) {
            return items.get(0);
        }
        if (global.equals(PARAMETER) && !items.isEmpty() && items.get(0) instanceof Tensor tensor) {
            return tensor;
        }
        if (global.equals(REBUILD_2) && items.size() >= 6) {
            return tensor(items, storage(items.get(0)).type());
        }
        if (global.equals(REBUILD_3)
                && items.size() >= 7
                && items.get(6) instanceof Global dtype
                && ElementType.ofDtype(dtype.name()).isPresent()) {
            return tensor(items, ElementType.ofDtype(dtype.name()).get());
        }
        throw new PickleException(
                "calls %s.%s with %d arguments of other kinds than tensors have"
                        .formatted(global.module(), global.name(), items.size()));
    }

    private static Dictionary dictionary(List<Value> arguments) throws PickleException {
        var dictionary = new Dictionary(new LinkedHashMap<>());
        if (arguments.isEmpty()) {
            return dictionary;
        }
        for (Value pair : items(arguments.get(0))) {
            List<Value> both = items(pair);
            if (both.size() != 2 || !(both.get(0) instanceof Text)) {
                throw new PickleException("has an OrderedDict of something else than named values");
            }
            dictionary.entries().put(both.get(0), both.get(1));
        }
        return dictionary;
    }

    private static Tensor tensor(List<Value> arguments, ElementType type) throws PickleException {
        return new Tensor(
                storage(arguments.get(0)),
                type,
                number(arguments.get(1)),
                numbers(arguments.get(2)),
                numbers(arguments.get(3)));
    }

    private static Storage storage(Value value) throws PickleException {
        if (value instanceof Storage storage) {
            return storage;
        }
        throw new PickleException("has a tensor without a storage");
    }

    /** The storage that a persistent id names: {@code ('storage', type, key, place, elements)}. */
    static Storage persistent(Value id) throws PickleException {
        if (id instanceof Tuple tuple
                && tuple.items().size() == 5
                && tuple.items().get(0).equals(new Text("storage"))
                && tuple.items().get(1) instanceof Global type
                && tuple.items().get(2) instanceof Text key
                && key.text().matches("\\d{1,9}")) {
            var element =
                    type.equals(UNTYPED)
                            ? ElementType.U8
                            : ElementType.ofStorage(type.name())
                                    .orElseThrow(
                                            () ->
                                                    new PickleException(
                                                            "has a storage of " + type.name()));
            return new Storage(element, key.text(), number(tuple.items().get(4)));
        }
        throw new PickleException("refers to something outside that is no storage");
    }

    private static List<Long> numbers(Value value) throws PickleException {
        var numbers = new ArrayList<Long>();
        for (Value item : items(value)) {
            numbers.add(number(item));
        }
        return numbers;
    }

    private static long number(Value value) throws PickleException {
        if (value instanceof Whole whole && whole.number() >= 0) {
            return whole.number();
        }
        throw new PickleException("has a tensor with a size that is no number from 0 on");
    }

    private static List<Value> items(Value value) throws PickleException {
        if (value instanceof Tuple tuple) {
            return tuple.items();
        }
        if (value instanceof Sequence sequence) {
            return sequence.items();
        }
        throw new PickleException("has no list where one must be");
    }
}
