package io.lockgate.file;

class InMemoryFileCatalogTest extends FileCatalogContract {
    private final InMemoryFileCatalog catalog = new InMemoryFileCatalog();

    @Override
    protected FileCatalog catalog() {
        return catalog;
    }
}
