package io.lockgate.http;

import io.lockgate.http.connection.EarlyProblems;
import jakarta.inject.Singleton;
import java.util.Map;

/** Lets the API that owns a path word what is found wrong before routing. */
@Singleton
final class EarlyProblemRenderer implements EarlyProblems {
    private final Dialects dialects;

    EarlyProblemRenderer(Dialects dialects) {
        this.dialects = dialects;
    }

    @Override
    public Answer answer(String path, int status, String description) {
        return render(path, new Problem.BadRequest(status, description));
    }

    @Override
    public Answer headerTooLarge(String path, String headerName, int limitBytes) {
        return render(path, new Problem.HeaderTooLarge(headerName, limitBytes));
    }

    private Answer render(String path, Problem problem) {
        Dialect dialect = dialects.of(path);
        RenderedProblem rendered = dialect.render(problem);
        for (var header :
                dialect.crossOrigin().map(CrossOrigin::headers).orElse(Map.of()).entrySet()) {
            rendered = rendered.withHeader(header.getKey(), header.getValue());
        }
        return rendered.answer();
    }
}
