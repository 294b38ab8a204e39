package io.lockgate.api.files;

/**
 * The error catalogue of this API: status, module and class of everything that can go wrong (docs/api-files.md,
 * "Errors").
 */
public enum FilesError {
    DECODE(400, "api", "decode_error"),
    NOT_OFFERED(400, "api", "decode_error"),
    INVALID_PATH(400, "fs", "fs_invalid_path_error"),
    INVALID_OFFSET(400, "fs", "fs_invalid_offset_error"),
    INVALID_SIZE(400, "fs", "fs_invalid_size_error"),
    NOT_A_FILE(400, "fs", "fs_not_a_file_error"),
    NOT_A_DIRECTORY(400, "fs", "fs_not_a_directory_error"),
    NOT_AUTHENTICATED(401, "auth", "auth_invalid_credentials_error"),
    NOT_PERMITTED(403, "http", "http_unauthorized_error"),
    NOT_FOUND(404, "http", "http_not_found_error"),
    NO_SUCH_ENTRY(404, "fs", "fs_no_such_entry_error"),
    NO_SUCH_INODE(404, "fs", "fs_no_such_inode_error"),
    NO_SUCH_PATH(404, "fs", "fs_no_such_path_error"),
    NO_SUCH_LOCK(404, "fs", "fs_no_such_lock_error"),
    NO_SUCH_WAITER(404, "fs", "fs_no_such_waiter_error"),
    NO_SUCH_SESSION(404, "fs", "fs_no_such_session_error"),
    METHOD_NOT_ALLOWED(405, "http", "http_method_not_allowed_error"),
    BODY_LATE(408, "http", "http_request_timeout_error"),
    LOCK_CONFLICT(409, "fs", "fs_lock_conflict_error"),
    LOCK_DEADLOCK(409, "fs", "fs_lock_deadlock_error"),
    LOCK_LOST(409, "fs", "fs_lock_lost_error"),
    LOCK_NOT_LEASED(409, "fs", "fs_lock_not_leased_error"),
    SESSION_LOST(409, "fs", "fs_session_lost_error"),
    ENTRY_EXISTS(409, "fs", "fs_entry_exists_error"),
    BODY_TOO_LARGE(413, "http", "http_payload_too_large_error"),
    UNSUPPORTED_MEDIA_TYPE(415, "http", "http_unsupported_media_type_error"),
    IDEMPOTENCY_KEY_REUSED(422, "http", "http_idempotency_key_reused_error"),
    TOO_MANY_LOCKS(429, "fs", "fs_too_many_locks_error"),
    TOO_MANY_WAITERS(429, "fs", "fs_too_many_waiters_error"),
    TOO_MANY_SESSIONS(429, "fs", "fs_too_many_sessions_error"),
    TOO_MANY_REQUESTS(429, "http", "http_too_many_requests_error"),
    TOO_MANY_IDEMPOTENCY_KEYS(429, "http", "http_too_many_idempotency_keys_error"),
    TOO_MANY_LOGINS(429, "auth", "auth_too_many_attempts_error"),
    HEADER_TOO_LARGE(431, "http", "http_header_too_large_error"),
    REQUEST(400, "http", "http_bad_request_error"),
    INTERNAL(500, "api", "internal_error"),
    UNAVAILABLE(503, "fs", "fs_lock_table_unavailable_error"),
    BUSY(503, "fs", "fs_gateway_busy_error"),
    STOPPING(503, "fs", "fs_gateway_stopping_error"),
    CATALOG_UNAVAILABLE(503, "fs", "fs_file_catalog_unavailable_error"),
    IDENTITY_UNAVAILABLE(503, "auth", "auth_identity_unavailable_error");

    private final int status;
    private final String module;
    private final String errorClass;

    FilesError(int status, String module, String errorClass) {
        this.status = status;
        this.module = module;
        this.errorClass = errorClass;
    }

    public int status() {
        return status;
    }

    public String module() {
        return module;
    }

    public String errorClass() {
        return errorClass;
    }
}
