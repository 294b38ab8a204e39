package io.lockgate.http;

/** Why somebody is not let in; each door has its own words for it. */
public enum AuthenticationFailure {
    /** No credential, a bad one, or one of a kind that does not belong here. */
    NOT_AUTHENTICATED,
    /** A good token whose user was deleted. */
    USER_GONE,
    /** The store of tokens does not answer. */
    UNAVAILABLE,
    /** Too many credentials that nobody knows here come from that network: 429, to be repeated after a second. */
    TOO_MANY
}
