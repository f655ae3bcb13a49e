package dev.reelrank.bus.codec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/** One of several records: by its class and, where classes are shared, by its stage. */
final class UnionMapping implements Mapping {
    private final Map<Variant, RecordMapping> byVariant = new HashMap<>();
    private final Map<String, RecordMapping> bySchema = new HashMap<>();

    UnionMapping(List<RecordMapping> branches) {
        for (RecordMapping branch : branches) {
            Variant variant = Variant.of(branch.schema(), branch.type());
            RecordMapping other = byVariant.put(variant, branch);
            if (other != null) {
                throw new MappingException(
                        "schemas %s and %s both describe %s; give each a property \"stage\""
                                .formatted(
                                        other.schema().getFullName(),
                                        branch.schema().getFullName(),
                                        variant));
            }
            bySchema.put(branch.schema().getFullName(), branch);
        }
    }

    @Override
    public Object toAvro(@Nullable Object java) {
        Variant variant = Variant.of(Objects.requireNonNull(java, "value is null"));
        RecordMapping branch = byVariant.get(variant);
        if (branch == null) {
            throw new IllegalArgumentException(
                    "no schema for " + variant + " among " + bySchema.keySet());
        }
        return branch.toAvro(java);
    }

    @Override
    public Object toJava(@Nullable Object avro) {
        var record = (IndexedRecord) Objects.requireNonNull(avro, "value is null");
        String name = record.getSchema().getFullName();
        return Objects.requireNonNull(bySchema.get(name), name).toJava(record);
    }
}
