package io.lockgate.door.files;

/** Marks what travels in a JSON body of this door, read by {@link WireReader} and written by {@link WireWriter}. */
interface Wire {}
