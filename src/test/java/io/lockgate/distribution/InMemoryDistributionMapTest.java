package io.lockgate.distribution;

/** The model keeps the contract that it is used to check. */
class InMemoryDistributionMapTest extends DistributionMapContract {
    @Override
    protected DistributionMap map(int blocksPerReport, int reportsPerFile, int pageBlocks) {
        return new InMemoryDistributionMap(blocksPerReport, reportsPerFile, pageBlocks);
    }
}
