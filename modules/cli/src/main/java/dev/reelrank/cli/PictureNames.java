package dev.reelrank.cli;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the pictures of videos are called that go into one folder: as the file of the video, or as
 * its whole path where another video's file is called the same.
 */
final class PictureNames {
    private final Map<Path, String> names = new HashMap<>();

    /** For videos that are all different. */
    PictureNames(Collection<Path> videos) {
        Map<String, Integer> count = new HashMap<>();
        videos.forEach(video -> count.merge(file(video), 1, Integer::sum));
        Set<String> taken = new HashSet<>();
        for (Path video : videos) {
            String name = count.getOrDefault(file(video), 1) == 1 ? file(video) : whole(video);
            String free = name;
            for (int i = 2; !taken.add(free); i++) {
                free = name + "-" + i;
            }
            names.put(video, free);
        }
    }

    private static String file(Path video) {
        return String.valueOf(video.getFileName());
    }

    private static String whole(Path video) {
        return video.normalize().toString().replaceFirst("^/", "").replace('/', '-');
    }

    /** What the names of this video's pictures begin with. */
    String of(Path video) {
        return names.getOrDefault(video, file(video));
    }
}
