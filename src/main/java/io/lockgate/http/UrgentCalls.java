package io.lockgate.http;

import io.lockgate.http.connection.Urgency;
import jakarta.inject.Singleton;

/** Lets the API that owns a path say what must not wait. */
@Singleton
final class UrgentCalls implements Urgency {
    private final Dialects dialects;

    UrgentCalls(Dialects dialects) {
        this.dialects = dialects;
    }

    @Override
    public boolean isUrgent(String method, String path) {
        return dialects.of(path).isUrgent(method, path);
    }
}
