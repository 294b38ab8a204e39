package io.lockgate.identity;

/** What a token is for (docs/identity.md). A token shown where its kind does not belong is no credential: 401. */
public enum TokenKind {
    /** Opens the files, distribution and admin doors, and the catalogue part of the courses door. */
    BEARER,
    /** The admin door's cookie, and nothing else. */
    REFRESH,
    /** A user's session at the courses door. */
    SID,
    /** A partner's key to the courses door: valid there, but nobody's session. */
    PARTNER
}
