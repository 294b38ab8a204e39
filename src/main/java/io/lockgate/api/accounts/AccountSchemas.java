package io.lockgate.api.accounts;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What travels here, for the OpenAPI document. */
final class AccountSchemas {
    private AccountSchemas() {}

    @Schema(name = "AdminReply", description = "Every answer of the admin door.")
    record Reply(
            @Schema(description = "What came of it.", examples = "Success", required = true)
            String data,

            @Schema(description = "The status again.", examples = "200", required = true)
            int code) {}

    @Schema(name = "CoursesFailure", description = "Every failure of the courses door.")
    record CoursesFailure(
            @Schema(description = "The status again.", examples = "401", required = true)
            int error,

            @Schema(description = "What is wrong.", examples = "Invalid credentials", required = true)
            String message) {}

    @Schema(name = "AdminLogin", description = "Name and password.")
    record Login(
            @Schema(description = "Name of the user.", examples = "dev", required = true)
            String username,

            @Schema(description = "The password.", examples = "secret", required = true)
            String password) {}

    @Schema(name = "AdminSession", description = "A user and an access token.")
    record Session(
            @Schema(description = "What came of it.", examples = "Success", required = true)
            String data,

            @Schema(description = "The status again.", examples = "200", required = true)
            int code,

            @Schema(description = "Good for 10 hours.", examples = "session-v1:Zk3…", required = true)
            String accessToken,

            @Schema(description = "Whose it is.", required = true)
            SessionUser user) {}

    @Schema(name = "AdminSessionUser", description = "Whose session it is.")
    record SessionUser(
            @Schema(description = "Id of the user.", examples = "7", required = true)
            long id,

            @Schema(description = "Name of the user.", examples = "dev", required = true)
            String username,

            @Schema(description = "Roles held.", examples = "[\"Administrators\"]", required = true)
            List<String> roles,

            @Schema(description = "Names of permissions held.", examples = "[\"manage-locks\"]", required = true)
            List<String> permissions) {}

    @Schema(name = "NewUser", description = "A user to be made.")
    record NewUser(
            @Schema(description = "Name, 1 to 256 bytes.", examples = "alice", required = true)
            String username,

            @Schema(description = "Password, 8 characters to 1,024 bytes.", examples = "a long secret", required = true)
            String password,

            @Schema(description = "Mail address, 1 to 256 bytes.", examples = "alice@example.org")
            String email,

            @Schema(
                    description = "Permissions: names, or objects of permission and scope.",
                    examples = "[\"manage-locks\",{\"permission\":\"PRIVILEGE_FS_LOCK_ACQUIRE\",\"scope\":\"/data\"}]")
            List<Object> permissions) {}

    @Schema(name = "UserChange", description = "What to change of a user; what is left out stays.")
    record UserChange(
            @Schema(
                    description = "New password, 8 characters to 1,024 bytes; ends the user's tokens.",
                    examples = "a long secret")
            String password,

            @Schema(description = "New mail address.", examples = "alice@example.org")
            String email,

            @Schema(description = "All permissions from now on.", examples = "[\"manage-locks\"]")
            List<Object> permissions) {}

    @Schema(name = "NewToken", description = "A token to be made.")
    record NewToken(
            @Schema(description = "Whose it will be.", examples = "alice", required = true)
            String username,

            @Schema(
                    description = "What it opens.",
                    examples = "bearer",
                    required = true,
                    enumeration = {"bearer", "refresh", "sid", "partner"})
            String kind,

            @Schema(description = "Life in seconds, 1 to 315,360,000; else what its kind has.", examples = "3600")
            @JsonProperty("ttl_s")
            long ttl) {}

    @Schema(name = "TokenMade", description = "A new token.")
    record TokenMade(
            @Schema(description = "What came of it.", examples = "Success", required = true)
            String data,

            @Schema(description = "The status again.", examples = "201", required = true)
            int code,

            @Schema(description = "The token, shown this once.", examples = "access-v1:Zk3…", required = true)
            String token,

            @Schema(description = "Its id, to revoke it by.", examples = "12", required = true)
            String id) {}

    @Schema(name = "UserReply", description = "A user.")
    record UserReply(
            @Schema(description = "What came of it.", examples = "Success", required = true)
            String data,

            @Schema(description = "The status again.", examples = "200", required = true)
            int code,

            @Schema(description = "Id of the user.", examples = "7", required = true)
            String id) {}

    @Schema(name = "NewSession", description = "Whose session it shall be: one of the two.")
    record NewSession(
            @Schema(description = "Id of the user.", examples = "7")
            String userId,

            @Schema(description = "Mail address of the user.", examples = "alice@example.org")
            String email) {}

    @Schema(name = "CoursesSession", description = "A session.")
    record CoursesSession(
            @Schema(description = "What to send as SID, shown this once.", examples = "Zk3…", required = true)
            String sessionId) {}
}
