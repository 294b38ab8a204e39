package io.lockgate.range;

/** A range that no engine can hold. {@link #field()} names the part at fault: {@code offset} or {@code size}. */
public final class InvalidRangeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String field;

    InvalidRangeException(String field, String message) {
        super(message);
        this.field = field;
    }

    public String field() {
        return field;
    }
}
