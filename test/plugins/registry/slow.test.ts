/** Registries that answer a byte at a time, or not at all: each is given up within a bound, and a download goes on elsewhere first. */
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/index.ts";
import { fetchBlob } from "../../../plugins/registry/pull/fetch-blob.ts";
import { fetchTagged } from "../../../plugins/registry/pull/fetch-document.ts";
import { pushTarget } from "../../../plugins/registry/push/push-target.ts";
import { suite } from "../../harness.ts";
import { clientOf, failure, scope } from "./support/asking.ts";
import { blobRegistry, type BlobRegistry, type Fault } from "./support/blob-registry.ts";
import { onTestHost } from "./support/host-credentials.ts";
import { MIB, layerOf, pushContext, random, targetOf, type TestContext } from "./support/pushing.ts";
import type { Exchange } from "./support/scripted-registry.ts";

const test = suite("registry/slow", { timeout: 60_000 });

const IMPATIENT = { silence: 500, leastSpeed: { bytesPerSecond: 1000, over: 300 }, retry: { attempts: 2, delay: 1 } };
const TOO_SLOW = "less than 1000 bytes a second for 0.3 seconds";
const BLOB = random(3 * MIB);
const DESCRIBED = { digest: digestOf(BLOB), size: BLOB.length };

/** Begins an answer, of which then one byte comes now and then. */
function drip({ request, response }: Exchange, status: number, headers: Record<string, string> = {}): true {
  request.resume();
  response.writeHead(status, { "content-length": 1_000_000, ...headers });
  const drops = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(drops));
  return true;
}

async function slowed<Result>(
  fault: Fault,
  work: (registry: BlobRegistry, client: ReturnType<typeof clientOf>, context: TestContext) => Promise<Result>,
): Promise<Result> {
  return onTestHost(async () => {
    await using registry = await blobRegistry(fault);
    registry.blobs.set(DESCRIBED.digest, BLOB);
    await using context = await pushContext();
    return await work(registry, clientOf(registry, [], IMPATIENT), context);
  });
}

test("a manifest and a token that drip are given up, an error is told by what came of it", async () => {
  const tagged = (fault: Fault, code: string) =>
    slowed(fault, (_, client, context) => failure(fetchTagged({ client, name: "app" }, "1", context), code));
  assert.match((await tagged((exchange) => drip(exchange, 200), "E_NETWORK")).message, TOO_SLOW);
  const token: Fault = (exchange, line) => {
    if (line === "GET /token") return drip(exchange, 200);
    const realm = `Bearer realm="http://${exchange.request.headers.host}/token"`;
    exchange.answer(401, { "www-authenticate": realm });
    return true;
  };
  assert.match((await tagged(token, "E_NETWORK")).message, TOO_SLOW);
  assert.match((await tagged((exchange) => drip(exchange, 404), "E_REGISTRY")).message, "404 Not Found");
});

test("headers that drip are as good as silence", async () => {
  let asked = 0;
  const fault: Fault = ({ request }) => {
    asked++;
    request.socket.write("HTTP/1.1 200 OK\r\nX-Long: ");
    const drops = setInterval(() => request.socket.write("x"), 20);
    request.socket.on("close", () => clearInterval(drops));
    return true;
  };
  const error = await slowed(fault, (_, client) =>
    failure(client.send({ path: "app/manifests/1", scopes: [scope("app", "pull")] }), "E_NETWORK"),
  );
  assert.match(error.message, "nothing came for 0.5 seconds");
  assert.is(asked, IMPATIENT.retry.attempts);
});

test("what an upload's answer says beside its headers is not waited for without end", async () => {
  let registryOf: BlobRegistry | undefined;
  const fault: Fault = async (exchange, line) => {
    if (!/^PUT .*uploads/.test(line)) return false;
    const bytes = await exchange.body();
    registryOf!.blobs.set(exchange.url.searchParams.get("digest")!, bytes);
    return drip(exchange, 201, { location: "/v2/app/blobs/1" });
  };
  await slowed(fault, async (registry, client, context) => {
    registryOf = registry;
    await pushTarget(targetOf([layerOf(random(1000))]), { client, name: "app" }, ["1"], context);
    assert.ok(registry.manifests.has("1"));
  });
});

test("a blob that drips is asked for again from there, and given up when it never gets on", async () => {
  for (const times of [1, Infinity]) {
    let count = 0;
    const dripping: Fault = ({ request, response }, line) => {
      if (!line.includes("/blobs/") || count++ >= times) return false;
      let at = Number(/[0-9]+/.exec(request.headers.range ?? "")?.[0] ?? 0);
      const range = `bytes ${at}-${BLOB.length - 1}/${BLOB.length}`;
      response.writeHead(at === 0 ? 200 : 206, { "content-length": BLOB.length - at, "content-range": range });
      const drops = setInterval(() => response.write(BLOB.subarray(at, ++at)), 20);
      response.on("close", () => clearInterval(drops));
      return true;
    };
    await slowed(dripping, async (registry, client, context) => {
      const fetching = fetchBlob({ client, name: "app" }, DESCRIBED, context);
      if (times === 1) await fetching;
      else assert.match((await failure(fetching, "E_NETWORK")).message, TOO_SLOW);
      const from = registry.requests.map(({ headers }) => Number(/[0-9]+/.exec(headers.range ?? "")?.[0] ?? 0));
      assert.is(from.length, times === 1 ? 2 : 5);
      assert.ok(
        from.every((offset, index) => index === 0 || offset > from[index - 1]!),
        from.join(" "),
      );
    });
  }
});

test.run();
