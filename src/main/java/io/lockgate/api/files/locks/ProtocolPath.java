package io.lockgate.api.files.locks;

import io.lockgate.api.files.FilesError;
import io.lockgate.api.files.FilesProblemException;
import io.lockgate.range.Protocol;

/** Protocols as they stand in paths. */
final class ProtocolPath {
    private ProtocolPath() {}

    /** The protocol of a path segment; any other segment makes a path that does not exist. */
    static Protocol of(String segment) {
        return switch (segment) {
            case "nlm" -> Protocol.NLM;
            case "nfs4" -> Protocol.NFS4;
            case "smb" -> Protocol.SMB;
            default -> throw new FilesProblemException(FilesError.NOT_FOUND, "there is no such path");
        };
    }

    /** The path segment of a protocol. */
    static String text(Protocol protocol) {
        return switch (protocol) {
            case NLM -> "nlm";
            case NFS4 -> "nfs4";
            case SMB -> "smb";
        };
    }
}
