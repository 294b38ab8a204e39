package io.lockgate.identity;

import java.time.Duration;

/** The outcome of a login. */
public sealed interface LoginOutcome {
    /**
     * Name and password are right.
     *
     * @param passwordHash what the password was checked against
     */
    record Welcome(User user, String passwordHash) implements LoginOutcome {
        @Override
        public String toString() {
            return "Welcome " + user.username();
        }
    }

    /** The name or the password is wrong; nobody is told which. */
    record Refused() implements LoginOutcome {}

    /**
     * Too many attempts; this one was not looked at.
     *
     * @param delay until there will be another
     */
    record Throttled(Duration delay) implements LoginOutcome {}
}
