package io.lockgate.distribution;

/**
 * That a provider reports blocks of a file, and how to read them as they stood when this was asked.
 *
 * @param provider id of the provider
 * @param revision changes with every change of the report, and never comes back
 * @param handle by which the store finds the blocks of that moment again, for as long as a read may take; nobody else's
 *     business
 */
public record Report(String provider, String revision, String handle) {}
