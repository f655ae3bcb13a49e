package dev.reelrank.cli;

import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.function.Function;

/** The columns of the tables that commands print. */
final class Columns {
    private Columns() {}

    /** Text from the left, title and values alike. */
    static <T> ColumnData<T> left(String title, int maxWidth, Function<T, String> value) {
        return new Column()
                .header(title)
                .headerAlign(HorizontalAlign.LEFT)
                .dataAlign(HorizontalAlign.LEFT)
                .maxWidth(maxWidth)
                .with(value);
    }
}
