package io.lockgate.identity;

/** What a token is for (docs/identity.md). A token shown where its kind does not belong is no credential: 401. */
public enum TokenKind {
    /** Good for the files, distribution and admin APIs, and for the catalogue part of the courses API. */
    BEARER,
    /** The cookie of the admin API, and nothing else. */
    REFRESH,
    /** A user's session in the courses API. */
    SID,
    /** A partner's key for the courses API: valid there, but not a session of a user. */
    PARTNER
}
