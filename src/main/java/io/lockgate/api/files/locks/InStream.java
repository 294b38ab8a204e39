package io.lockgate.api.files.locks;

import io.lockgate.range.FileStream;

/** What a body or query asks for, and the stream that it names. */
record InStream<T>(FileStream stream, T spec) {}
