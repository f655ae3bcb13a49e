package dev.reelrank.worker.store;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Maps errors of the S3 client to failure codes. */
final class S3Failures {
    private static final int INSUFFICIENT_STORAGE = 507;

    private S3Failures() {}

    static StageException of(S3Location location, String what, SdkException e) {
        if (e instanceof S3Exception s && full(s)) {
            return new StageException(
                    FailureCode.OUT_OF_DISK,
                    "store " + location + " is full: could not " + what + ": " + e.getMessage(),
                    e);
        }
        return new StageException(
                FailureCode.STORE_UNAVAILABLE,
                "store "
                        + location
                        + " does not answer correctly: could not "
                        + what
                        + ": "
                        + e.getMessage()
                        + "; check the bucket, the endpoint and the credentials"
                        + " (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or a profile)",
                e);
    }

    private static boolean full(S3Exception e) {
        var details = e.awsErrorDetails();
        var code = details == null ? "" : String.valueOf(details.errorCode());
        return e.statusCode() == INSUFFICIENT_STORAGE
                || code.contains("StorageFull")
                || code.contains("QuotaExceeded");
    }
}
