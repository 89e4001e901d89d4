// @runtimes node
// @timeout 400
/** A shared cache that fails in all ways that registries do: the right images, one warning, and nothing that is wrong believed later. */
import { truncateSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { sampled } from "../sampled.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { faultyRegistry, type Fault, type FaultyRegistry } from "../plugins/registry/support/faulty-registry.ts";
import { cacheTally, digestsIn, startBuild, type CacheMachine, type MachineRan } from "./cache-machine.ts";
import { cli, runCli, writeProject } from "./support.ts";

const test = suite("e2e/shared-cache-faults", { timeout: 120_000 });

const cwd = tmp();
let registry: DockerRegistry;
let faulty: FaultyRegistry;
let publicKey: string;
let digests: ReadonlyMap<string, string>;

const DIGEST = ["-o", "digest"];
const WRITER = ["--cache-private-key", "key.pem"];

test.before(async () => {
  requireTool("bwrap");
  registry = await dockerRegistry();
  faulty = await faultyRegistry(registry.host);
  writeProject(cwd, {
    "image.config.mjs": `import { image, step, text } from "image-dsl";
const made = (name) => step({ name, dest: "/" + name, run: 'head -c 300000 /dev/zero | tr "\\\\0" ' + name.at(-1) + ' > $out/' + name });
export default Object.fromEntries(["a", "b", "c"].map((name) =>
  [name, image({ name, tag: "1", contents: [text("/own", name), made("made-" + name), made("shared")] })]));
`,
  });
  publicKey = cli(["cache", "keygen", "key.pem"], { cwd }).toString().trim();
  const alone = await startBuild(DIGEST, { ...machine("nobody", reader()), cache: "127.0.0.1:9/none" }).ended;
  digests = digestsIn(alone);
  assert.is(digests.size, 3);
});
test.after(async () => {
  await faulty?.[Symbol.asyncDispose]();
  await registry?.close();
});

const reader = () => ["--cache-public-key", publicKey];

/** A new one. `cache`: a repository. */
function machine(cache: string, keys: readonly string[]): CacheMachine {
  return { cwd, cache: `${faulty.host}/${cache}`, store: tmp(), keys };
}

async function builds(
  cache: string,
  keys: readonly string[],
  fault: FaultyRegistry["fault"] = () => undefined,
): Promise<MachineRan> {
  faulty.fault = fault;
  const ran = await startBuild(DIGEST, machine(cache, keys)).ended;
  faulty.fault = () => undefined;
  assertRight(ran);
  return ran;
}

function assertRight(ran: MachineRan): void {
  assert.is(ran.status, 0);
  assert.equal(digestsIn(ran), digests);
}

/** Whatever went on before, a new machine finds nothing wrong there. */
async function assertNothingWrong(cache: string): Promise<MachineRan> {
  const ran = await builds(cache, reader());
  assert.equal(ran.warnings, []);
  return ran;
}

async function assertAllFound(cache: string): Promise<void> {
  const { hits, asked } = cacheTally(await assertNothingWrong(cache));
  assert.ok(asked > 0 && hits === asked, `${hits} of ${asked}`);
}

const isWrite = (line: string): boolean => /^(?:POST|PATCH|PUT)/.test(line);
const when = (isIt: (line: string) => boolean, fault: Fault) => (line: string) => (isIt(line) ? fault : undefined);

test("a registry that lets nobody read is asked no more", async () => {
  await builds("unread", WRITER);
  for (const status of [401, 403]) {
    const before = faulty.lines.length;
    assert.equal((await builds("unread", WRITER, () => status)).warnings, ["W_SHARED_CACHE"]);
    assert.ok(faulty.lines.length - before < 12, faulty.lines.slice(before).join("\n"));
  }
  await assertAllFound("unread");
});

test("one that lets nobody write, or is full, is read, and sent no more", async () => {
  for (const status of sampled([403, 507, 401, 413, 500], 2)) {
    const ran = await builds(`full-${status}`, WRITER, when(isWrite, status));
    assert.equal(ran.warnings, ["W_SHARED_CACHE_WRITE"]);
    assert.is(cacheTally(ran).published, 0);
  }
  const isManifest = (line: string): boolean => line.startsWith("PUT") && line.includes("/manifests/");
  assert.equal((await builds("full", WRITER, when(isManifest, 507))).warnings, ["W_SHARED_CACHE_WRITE"]);
  assert.is(cacheTally(await assertNothingWrong("full")).hits, 0);
});

test("one that is gone in the middle of a build is told of once, and what it had got is right", async () => {
  await builds("whole", WRITER);
  for (const keys of [reader(), WRITER]) {
    let left = 4;
    const ran = await builds("whole", keys, (line) => (line.includes("/v2/whole/") && --left < 0 ? "cut" : undefined));
    assert.equal(ran.warnings, ["W_SHARED_CACHE"]);
  }
  let writes = 8;
  const ran = await builds(
    "half",
    WRITER,
    when((line) => isWrite(line) && --writes < 0, "cut"),
  );
  assert.equal(ran.warnings, ["W_SHARED_CACHE_WRITE"]);
  await assertNothingWrong("half");
});

test("Ctrl-C while results are published leaves nothing half-published that is believed", async () => {
  for (const [index, at] of [/^POST/, /^PUT .*\/blobs\//, /^PUT .*\/manifests\//].entries()) {
    const cache = `interrupted-${index}`;
    const running = startBuild(DIGEST, machine(cache, WRITER));
    let seen = 0;
    faulty.fault = (line) => {
      if (!at.test(line) || ++seen < 3) return undefined;
      running.child.kill("SIGINT");
      return "hang";
    };
    const { status } = await running.ended;
    assert.is(status, 130);
    await assertNothingWrong(cache);
    assert.equal((await builds(cache, WRITER)).warnings, []);
    await assertAllFound(cache);
  }
});

test("several machines may publish the same at once", async () => {
  const all = await Promise.all([1, 2, 3].map(() => startBuild(DIGEST, machine("crowded", WRITER)).ended));
  for (const ran of all) {
    assertRight(ran);
    assert.equal(ran.warnings, []);
  }
  await assertAllFound("crowded");
});

test("entries that another key signed, as before keys were replaced, are published anew by who has the new one", async () => {
  await builds("keys", WRITER);
  const old = publicKey;
  cli(["cache", "keygen", "new.pem"], { cwd });
  const NEW = ["--cache-private-key", "new.pem"];
  assert.equal((await builds("keys", NEW)).warnings, ["W_SHARED_CACHE_UNSIGNED"]);
  assert.equal((await builds("keys", ["--cache-public-key", old])).warnings, ["W_SHARED_CACHE_UNSIGNED"]);
  const again = await builds("keys", NEW);
  assert.equal(again.warnings, []);
  assert.is(cacheTally(again).hits, cacheTally(again).asked);
});

test("blobs that are empty on the registry's disk, though it says that it has them, are misses until somebody mends them", async () => {
  await builds("emptied", WRITER);
  const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  const ask = async (path: string) =>
    (await (await fetch(`${registry.url}/v2/emptied/${path}`, { headers: { accept: MANIFEST } })).json()) as {
      tags?: string[];
      layers?: { digest: string; size: number }[];
    };
  for (const tag of (await ask("tags/list")).tags!) {
    for (const { digest, size } of (await ask(`manifests/${tag}`)).layers!) {
      if (size === 2) continue;
      const hex = digest.slice("sha256:".length);
      truncateSync(join(registry.folder, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data"), 0);
      assert.is((await fetch(`${registry.url}/v2/emptied/blobs/${digest}`, { method: "HEAD" })).status, 200);
    }
  }
  assert.equal((await builds("emptied", reader())).warnings, ["W_SHARED_CACHE_DAMAGED"]);
  assert.equal((await builds("emptied", WRITER)).warnings, ["W_SHARED_CACHE_DAMAGED"]);
  await assertAllFound("emptied");
});

test("a registry to push to that does not answer, or lets nobody in, ends a build before its long work", async () => {
  const slow = writeProject(tmp(), {
    "image.config.mjs": `import { image, step } from "image-dsl";
export default { slow: image({ name: "slow", tag: "1", contents: step({ name: "slow", run: "sleep 60" }) }) };`,
  });
  const start = Date.now();
  const push = (host: string) =>
    runCli(["build", "-o", `docker://${host}/slow:1`, "--insecure", host], {
      cwd: slow,
      env: { IMAGE_DSL_CACHE: tmp() },
    });
  const dead = push("127.0.0.1:9");
  assert.is(dead.status, 1);
  assert.match(dead.stderr, /E_NETWORK/);
  const closed = await dockerRegistry({ auth: "basic" });
  const refused = push(closed.host);
  await closed.close();
  assert.match(refused.stderr, /E_REGISTRY_AUTH/);
  assert.ok(Date.now() - start < 59_000, `${Date.now() - start} ms`);
});

test.run();
