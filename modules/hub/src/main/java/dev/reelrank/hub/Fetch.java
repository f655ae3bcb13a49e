package dev.reelrank.hub;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.local.FolderLock;
import dev.reelrank.hub.local.Layout;
import dev.reelrank.hub.local.LockedFile;
import dev.reelrank.hub.local.LockedModel;
import dev.reelrank.hub.local.ModelsLock;
import dev.reelrank.hub.local.PartFile;
import dev.reelrank.hub.plan.ModelPlan;
import dev.reelrank.hub.remote.Hub;
import dev.reelrank.hub.remote.HubSettings;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Brings models onto the disk. What is there with the right hash stays; what an earlier process
 * left half-done goes on; a file gets its name only when its hash is right.
 *
 * <p>Before the first byte, all of the following is known: the commit and the files of every model
 * (from the lock file where it has them), that this user may read them, and that they fit on the
 * disk.
 */
public final class Fetch {
    /** Smaller files are hashed again after an interruption; that takes no time. */
    private static final long WORTH_NOTING = 1 << 20;

    private final Path root;
    private final Layout layout;
    private final HubSettings settings;
    private final FetchOptions options;
    private final FetchProgress progress;

    /**
     * Does nothing yet.
     *
     * @param root the models folder; is made when needed
     * @param layout for models that the lock file does not have; the others keep theirs
     */
    public Fetch(
            Path root,
            Layout layout,
            HubSettings settings,
            FetchOptions options,
            FetchProgress progress) {
        this.root = root.toAbsolutePath();
        this.layout = layout;
        this.settings = settings;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Says what {@link #run} would fetch. Writes nothing.
     *
     * @throws StageException as {@link #run}, but for what only transfers show
     */
    public List<FetchedModel> plan(List<ModelPlan> models) throws InterruptedException {
        try (var hub = Hub.of(settings, progress::say)) {
            return jobs(models, hub).stream().map(FetchJob::report).toList();
        }
    }

    /**
     * Fetches.
     *
     * @return what was brought, by model
     * @throws StageException MODEL_MISSING (no such thing, or no access), MODEL_MISMATCH (other
     *     bytes than the listing says), ENDPOINT_UNAVAILABLE, OUT_OF_DISK
     */
    public List<FetchedModel> run(List<ModelPlan> models) throws InterruptedException {
        var locks = new ArrayList<FolderLock>();
        try (var hub = Hub.of(settings, progress::say)) {
            // In one order, so that two fetches never wait for each other.
            for (String name : models.stream().map(ModelPlan::name).sorted().toList()) {
                locks.add(FolderLock.take(root, name, progress::say));
            }
            var jobs = jobs(models, hub);
            var reports = jobs.stream().map(FetchJob::report).toList();
            requireAccess(jobs, hub);
            requireSpace(jobs);
            var lock = new ModelsLock(root);
            for (FetchJob job : jobs) {
                lock.put(job.plan().name(), job.locked());
            }
            transfer(jobs, hub);
            for (FetchJob job : jobs) {
                complete(job, lock);
            }
            return reports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            locks.forEach(FolderLock::close);
        }
    }

    private List<FetchJob> jobs(List<ModelPlan> models, Hub hub) throws InterruptedException {
        var known = new ModelsLock(root).read();
        var jobs = new ArrayList<FetchJob>();
        var refused = new ArrayList<StageException>();
        for (ModelPlan model : models) {
            try {
                jobs.add(job(model, Optional.ofNullable(known.get(model.name())), hub));
            } catch (StageException e) {
                addUnlessUnreachable(refused, e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throwAll(refused);
        return jobs;
    }

    private FetchJob job(ModelPlan model, Optional<LockedModel> known, Hub hub)
            throws IOException, InterruptedException {
        var locked = new Choice(layout, settings.offline(), options).of(model, known, hub);
        var folder = locked.open(root);
        var checked = known.map(LockedModel::checked).orElse(Map.of());
        if (known.isEmpty() && Files.isDirectory(folder.path())) {
            progress.say(model.name() + ": hashing what is in " + folder.path());
        }
        var missing = new ArrayList<RepositoryFile>();
        for (RepositoryFile file : locked.repositoryFiles()) {
            if (Presence.of(folder, file, checked).isEmpty()) {
                missing.add(file);
            }
        }
        if (settings.offline() && !missing.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "%s lacks %d files, for example %s, and HF_HUB_OFFLINE forbids to fetch them: unset it, or copy the folder %s from a machine that has it"
                            .formatted(
                                    model.name(),
                                    missing.size(),
                                    missing.get(0).path(),
                                    folder.path()));
        }
        return new FetchJob(model, locked, folder, missing);
    }

    /** One question per model: consent is given per repository. */
    private static void requireAccess(List<FetchJob> jobs, Hub hub) throws InterruptedException {
        var refused = new ArrayList<StageException>();
        for (FetchJob job : jobs) {
            if (!job.missing().isEmpty()) {
                try {
                    hub.requireAccess(
                            job.locked().repository(), job.locked().commit(), job.missing().get(0));
                } catch (StageException e) {
                    addUnlessUnreachable(refused, e);
                }
            }
        }
        throwAll(refused);
    }

    /** A hub that does not answer for one repository does not answer for the others. */
    private static void addUnlessUnreachable(List<StageException> refused, StageException e) {
        if (e.code() == FailureCode.ENDPOINT_UNAVAILABLE) {
            throw e;
        }
        refused.add(e);
    }

    /** All refusals at once: the user should not meet them one by one. */
    private static void throwAll(List<StageException> refused) {
        if (refused.size() == 1) {
            throw refused.get(0);
        }
        if (!refused.isEmpty()) {
            throw new StageException(
                    refused.get(0).code(),
                    refused.stream()
                            .map(StageException::getMessage)
                            .distinct()
                            .collect(Collectors.joining("\n  ", "nothing was fetched:\n  ", "")),
                    refused.get(0));
        }
    }

    private static void requireSpace(List<FetchJob> jobs) {
        var bytes = new HashMap<Path, Long>();
        for (FetchJob job : jobs) {
            for (RepositoryFile file : job.missing()) {
                Path target = job.folder().destination(file);
                bytes.put(target, file.size() - PartFile.arrived(file, target));
            }
        }
        FreeSpace.require(bytes);
    }

    private void transfer(List<FetchJob> jobs, Hub hub) throws InterruptedException {
        long bytes = jobs.stream().mapToLong(FetchJob::missingBytes).sum();
        long arrived = jobs.stream().mapToLong(FetchJob::arrivedBytes).sum();
        int files = jobs.stream().mapToInt(job -> job.missing().size()).sum();
        progress.begin(bytes, arrived, files);
        try (var parallel = new Parallel(options.parallel())) {
            for (FetchJob job : jobs) {
                // The largest first: none of them starts when the others are done.
                job.missing().stream()
                        .sorted(Comparator.comparingLong(RepositoryFile::size).reversed())
                        .forEach(file -> parallel.start(() -> bring(job, file, hub)));
            }
            parallel.await();
        }
    }

    private void bring(FetchJob job, RepositoryFile file, Hub hub)
            throws IOException, InterruptedException {
        Path target = job.folder().destination(file);
        long arrived = PartFile.arrived(file, target);
        try (var part = PartFile.open(file, target)) {
            progress.moved(part.size() - arrived);
            hub.download(
                    job.locked().repository(), job.locked().commit(), file, part, progress::moved);
            part.finish();
        }
        job.folder().show(file);
        if (file.size() >= WORTH_NOTING) {
            new ModelsLock(root).checked(job.plan().name(), file, Presence.changed(target));
        }
        progress.fileDone(job.plan().name(), file.path());
    }

    private void complete(FetchJob job, ModelsLock lock) throws IOException, InterruptedException {
        var all = job.locked().repositoryFiles();
        job.folder().complete(all, job.locked().leftovers());
        var files = new ArrayList<LockedFile>();
        for (RepositoryFile file : all) {
            files.add(new LockedFile(file, Presence.changed(job.folder().visible(file))));
        }
        lock.put(job.plan().name(), job.locked().with(files, List.of()));
        ModelsYaml.name(root, job, progress::say);
    }

    /** Paths below the models folder, of files that the one has and the other has not. */
    static List<String> leftovers(Path root, LockedModel before, LockedModel after) {
        if (before.layout() != Layout.PLAIN || after.layout() != Layout.PLAIN) {
            return List.of();
        }
        var kept = new HashSet<Path>();
        after.repositoryFiles().forEach(f -> kept.add(after.open(root).visible(f)));
        return before.repositoryFiles().stream()
                .map(f -> before.open(root).visible(f))
                .filter(path -> !kept.contains(path))
                .map(path -> root.relativize(path).toString())
                .toList();
    }
}
