package dev.reelrank.alignment.adapter;

import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Turns files of one format into those of the other. */
public final class AdapterFormats {
    private AdapterFormats() {}

    /**
     * From diffusers' file to PEFT's folder.
     *
     * @param prefix what diffusers calls the network
     * @param baseClass as for {@link PeftAdapter#write}
     */
    public static void toPeft(Path file, String prefix, Path folder, @Nullable String baseClass) {
        try (var scope = TensorScope.inference()) {
            PeftAdapter.write(folder, DiffusersAdapter.read(file, prefix), baseClass);
        }
    }

    /** From PEFT's folder to diffusers' file. */
    public static void toDiffusers(Path folder, String prefix, Path file) {
        try (var scope = TensorScope.inference()) {
            DiffusersAdapter.write(file, prefix, PeftAdapter.read(folder));
        }
    }

    /**
     * Reads diffusers' file and fails as {@link DiffusersAdapter#read} does.
     *
     * @return how many layers it changes
     */
    public static int check(Path file, String prefix) {
        try (var scope = TensorScope.inference()) {
            return DiffusersAdapter.read(file, prefix).layers().size();
        }
    }
}
