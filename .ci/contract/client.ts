// Acquires, lists and releases a lock with the types that openapi-typescript makes of the OpenAPI document (GeneratedClientsIT).
// node client.js URL USERNAME PASSWORD
import createClient from "openapi-fetch";
import type { components, paths } from "./lockgate.js";

type Grant = components["schemas"]["Grant"];

const [baseUrl = "", username = "", password = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl });
const path = { ref: "/generated/type script", protocol: "nlm" } as const;

function wanted<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (!answer.response.ok) {
    throw new Error(`${answer.response.status} ${JSON.stringify(answer.error)}`);
  }
  return answer.data as T;
}

async function held(): Promise<Grant[]> {
  return wanted(
    await client.GET("/v1/files/{ref}/locks/{protocol}/byte-range", { params: { path, query: { mine: true } } }),
  ).grants;
}

const token = wanted(await client.POST("/v1/session/login", { body: { username, password } })).bearer_token;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
  },
});

const acquired = wanted(
  await client.POST("/v1/files/{ref}/locks/{protocol}/byte-range", {
    params: { path },
    body: { mode: ["API_BYTE_RANGE_EXCLUSIVE"], offset: "0", size: "4096", owner_id: "job-1", lease_ms: 60_000 },
  }),
);
if ("waiter_id" in acquired) {
  throw new Error("an acquire without wait_ms waits");
}
const grant: Grant = acquired;
console.log(`acquired ${grant.offset} ${grant.size}`);

const refused = await client.POST("/v1/files/{ref}/locks/{protocol}/byte-range", {
  params: { path },
  body: { mode: ["API_BYTE_RANGE_SHARED"], offset: "4000", size: "4192", owner_id: "job-2" },
});
console.log(`refused ${refused.error?.error_class} ${refused.error?.conflict?.free[0]?.offset}`);

console.log(`listed ${(await held()).map((one) => one.grant_id === grant.grant_id)}`);

wanted(
  await client.DELETE("/v1/files/{ref}/locks/{protocol}/byte-range", {
    params: { path, query: { offset: grant.offset ?? "", size: grant.size ?? "", owner_id: "job-1" } },
  }),
);
console.log(`released ${(await held()).length}`);
