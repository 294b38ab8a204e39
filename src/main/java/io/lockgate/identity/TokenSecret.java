package io.lockgate.identity;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * A token as its owner knows it: 256 random bits in URL-safe text. Shown once, when it is made, and never written
 * anywhere: {@link #toString()} does not tell it.
 */
public final class TokenSecret {
    /** The prefix of tokens from a login; old clients log in again when it is missing (docs/api-files.md). */
    public static final String SESSION = "session-v1:";
    /** The prefix of long-lived bearer tokens. */
    public static final String ACCESS = "access-v1:";

    private static final Pattern FORM = Pattern.compile("([a-z]+-v1:)?[A-Za-z0-9_-]{43}");
    private static final int BYTES = 32;
    private static final int SHOWN = 6;

    private final String text;
    private final int publicLength;

    private TokenSecret(String text, int publicLength) {
        this.text = text;
        this.publicLength = publicLength;
    }

    /** A new token whose text begins with {@code prefix}. */
    public static TokenSecret draw(String prefix) {
        byte[] bytes = new byte[BYTES];
        // Not a constant: the native image would keep the seed of the machine that built it.
        new SecureRandom().nextBytes(bytes);
        String random = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        return new TokenSecret(prefix + random, prefix.length() + SHOWN);
    }

    /** Whether {@code text} could be a token as they are drawn here: known prefix, then 256 bits in URL-safe text. */
    public static boolean isPlausible(String text) {
        return FORM.matcher(text).matches();
    }

    /** The secret itself, for its owner alone. */
    public String text() {
        return text;
    }

    public TokenHash hash() {
        return TokenHash.of(text);
    }

    /** Its first characters, for people to tell tokens apart: 36 of the 256 bits. */
    public String shown() {
        return text.substring(0, publicLength);
    }

    @Override
    public String toString() {
        return shown() + "…";
    }
}
