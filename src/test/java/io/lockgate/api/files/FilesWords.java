package io.lockgate.api.files;

import io.lockgate.http.RenderedProblem;

/** The files API's answer to a failure. */
public final class FilesWords {
    private record Limits(int pageDefault, int pageMax, int bodyLimit, int batchLimit, int resolveLimit)
            implements FilesLimits {}

    private FilesWords() {}

    public static RenderedProblem of(Throwable failure) {
        FilesDialect dialect = new FilesDialect(new Limits(1, 1, 1, 1, 1));
        return dialect.render(dialect.problemOf(failure).orElseThrow());
    }
}
