import io.lockgate.client.ApiClient;
import io.lockgate.client.ApiException;
import io.lockgate.client.api.FileLocksApi;
import io.lockgate.client.api.SessionApi;
import io.lockgate.client.model.FilesError;
import io.lockgate.client.model.Grant;
import io.lockgate.client.model.LockMode;
import io.lockgate.client.model.LockRequest;
import io.lockgate.client.model.LoginRequest;
import io.lockgate.client.model.Protocol;
import java.net.http.HttpClient;
import java.util.List;

/**
 * Acquires, lists and releases a lock with the client that openapi-generator makes of the OpenAPI document (GeneratedClientsIT).
 * Arguments: URL, user name, password.
 */
final class JavaClient {
    private static final String FILE = "/generated/ja va";

    private JavaClient() {}

    public static void main(String[] args) throws Exception {
        ApiClient client = new ApiClient();
        client.updateBaseUri(args[0]);
        // The default of java.net.http asks for h2c, and Java 25 loses what follows a 101 now and then (docs/api-files.md, "Headers").
        client.setHttpClientBuilder(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1));
        String token = new SessionApi(client)
                .login(new LoginRequest().username(args[1]).password(args[2]))
                .getBearerToken();
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        FileLocksApi locks = new FileLocksApi(client);

        Grant grant = locks.acquireLock(
                FILE, Protocol.NLM, request(LockMode.API_BYTE_RANGE_EXCLUSIVE, "0", "4096", "job-1").leaseMs(60_000L), null, null);
        System.out.println("acquired " + grant.getOffset() + " " + grant.getSize());
        try {
            locks.acquireLock(FILE, Protocol.NLM, request(LockMode.API_BYTE_RANGE_SHARED, "4000", "4192", "job-2"), null, null);
        } catch (ApiException e) {
            FilesError error = client.getObjectMapper().readValue(e.getResponseBody(), FilesError.class);
            System.out.println("refused " + error.getErrorClass() + " "
                    + error.getConflict().getFree().getFirst().getOffset());
        }
        System.out.println("listed "
                + held(locks).stream().map(one -> one.getGrantId().equals(grant.getGrantId())).findFirst().orElse(false));
        locks.releaseLock(FILE, Protocol.NLM, grant.getOffset(), grant.getSize(), "job-1", null, null, null, null, null, null);
        System.out.println("released " + held(locks).size());
    }

    private static LockRequest request(LockMode mode, String offset, String size, String owner) {
        return new LockRequest().mode(List.of(mode)).offset(offset).size(size).ownerId(owner);
    }

    private static List<Grant> held(FileLocksApi locks) throws ApiException {
        return locks.listFileLocks(FILE, Protocol.NLM, null, null, null, null, null, null, true).getGrants();
    }
}
