package dev.reelrank.worker.store;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code s3://bucket/prefix?region=…&endpoint=…} means.
 *
 * @param prefix empty, or ending with a slash
 * @param endpoint of another server than Amazon's, null for Amazon's; then buckets are in the path
 */
record S3Location(String bucket, String prefix, String region, @Nullable URI endpoint) {
    private static final Set<String> PARAMETERS = Set.of("region", "endpoint");

    static S3Location parse(String text) {
        try {
            var uri = new URI(text);
            var bucket = uri.getHost() == null ? uri.getAuthority() : uri.getHost();
            if (!"s3".equals(uri.getScheme()) || bucket == null) {
                throw invalid(text, "it names no bucket", null);
            }
            var path = uri.getPath().replaceAll("^/+|/+$", "");
            var parameters = parameters(text, uri.getQuery());
            var endpoint = parameters.get("endpoint");
            return new S3Location(
                    bucket,
                    path.isEmpty() ? "" : path + "/",
                    parameters.getOrDefault("region", "us-east-1"),
                    endpoint == null ? null : URI.create(endpoint));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw invalid(text, e.getMessage(), e);
        }
    }

    private static Map<String, String> parameters(String text, @Nullable String query) {
        var parameters = new HashMap<String, String>();
        if (query != null) {
            for (var pair : query.split("&", -1)) {
                var at = pair.indexOf('=');
                var name = at < 0 ? pair : pair.substring(0, at);
                if (!PARAMETERS.contains(name)) {
                    throw invalid(text, "there is no parameter '" + name + "'", null);
                }
                parameters.put(name, pair.substring(at + 1));
            }
        }
        return parameters;
    }

    private static StageException invalid(
            String text, @Nullable String why, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "no store for '"
                        + text
                        + "': "
                        + why
                        + "; use s3://bucket/prefix, and ?region=… and &endpoint=http://host:port"
                        + " where needed",
                cause);
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + prefix + (endpoint == null ? "" : " at " + endpoint);
    }
}
