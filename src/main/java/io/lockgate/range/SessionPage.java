package io.lockgate.range;

import java.util.List;

/**
 * A page of live sessions.
 *
 * @param next where the following page begins; present on the last page too
 */
public record SessionPage(List<Session> sessions, Cursor next) {}
