package io.lockgate.file;

/**
 * An absolute path, compared byte for byte: begins with a slash, no {@code .} or {@code ..} segment, no empty segment, no
 * NUL; a trailing slash is dropped.
 */
public record FilePath(String text) {}
