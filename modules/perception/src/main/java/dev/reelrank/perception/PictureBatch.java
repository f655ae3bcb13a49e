package dev.reelrank.perception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/** Pictures that go through a model together. */
record PictureBatch(List<PixelValues> images) {
    NDArray pixelValues(NDManager manager, Preprocessor preprocessor) {
        var values =
                manager.create(
                        preprocessor.batch(images),
                        new Shape(images.size(), 3, preprocessor.height(), preprocessor.width()),
                        DataType.FLOAT32);
        values.setName("pixel_values");
        return values;
    }
}
