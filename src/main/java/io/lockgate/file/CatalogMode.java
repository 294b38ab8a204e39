package io.lockgate.file;

/** Which files need to be registered before locks are acquired on them (docs/api-files.md, "File registry"). */
public enum CatalogMode {
    /** Decimal ids need no registration; a path gets an id by registration, or at its first successful acquire. */
    OPEN,
    /** A file that is not registered does not exist. */
    STRICT
}
