// @runtimes node
// @timeout 400
/** A repository of Debian's docker-registry as the cache of several machines: what they find there, and what they do not believe. */
import { cpSync, readFileSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, runCli, writeProject, type Ran } from "./support.ts";

const test = suite("e2e/shared-cache", { timeout: 120_000 });

const folder = tmp();
let registry: DockerRegistry;
let publicKey: string;
/** Of `app` and `other`, as a machine without a shared cache has them. */
let digests: string;

const CANARY = "canary-4711-in-the-environment";
const CONFIG = (host: string) => `import { buildLayeredImage, files, step, text } from "image-dsl";
const image = (name, contents, more) => buildLayeredImage({ name: "${host}/team/" + name, tag: "1", contents, ...more });
const made = step({ name: "made", inputs: { src: files("src") }, dest: "/made",
  run: 'cp $inputs_src/* $out; tr a-z A-Z < $inputs_src/index.js > $out/upper.js' });
export default {
  app: image("app", [files("src", { dest: "/app" }), made, text("/of", "app")], { sandbox: true, extraCommands: "wc -c of > size" }),
  other: image("other", [files("src", { dest: "/app" }), text("/of", "other")]),
  secret: image("secret", [
    step({ name: "function", run: ({ $, out }) => $\`echo \${process.env.CANARY} > \${out}/a\` }),
    step({ name: "variable", env: { API_TOKEN: process.env.CANARY ?? "" }, run: 'echo $API_TOKEN > $out/b' }),
    step({ name: "renamed", env: { GREETING: process.env.CANARY ?? "" }, run: 'echo $GREETING > $out/c' }),
    step({ name: "text", run: \`echo "\${process.env.CANARY}" > $out/d\` }),
  ]),
};
`;

test.before(async () => {
  requireTool("bwrap");
  registry = await dockerRegistry();
  writeProject(join(folder, "first"), {
    "image.config.mjs": CONFIG(registry.host),
    "src/large": "0123456789abcdef".repeat(100_000),
    "src/index.js": "console.log(1);\n",
  });
  cpSync(join(folder, "first"), join(folder, "elsewhere/second"), { recursive: true });
  publicKey = cli(["cache", "keygen", "key.pem"], { cwd: folder }).toString().trim();
  digests = alone("first");
});
test.after(() => registry?.close());

/** Each machine has a store of its own. */
interface Machine {
  readonly project: string;
  readonly store: string;
  readonly writes?: boolean;
  readonly cache?: string;
}

const writer = (store: string): Machine => ({ project: "first", store, writes: true });
const reader = (store: string): Machine => ({ project: "elsewhere/second", store });

const DIGESTS = ["app", "other", "-o", "digest"];
let machines = 0;

function alone(project: string): string {
  const env = { IMAGE_DSL_CACHE: join(folder, `alone-${++machines}`) };
  return cli(["build", ...DIGESTS], { cwd: join(folder, project), env }).toString();
}

function build(args: readonly string[], { project, store, writes, cache }: Machine): Ran {
  const place = cache ?? `${registry.host}/team/cache`;
  const keys = writes ? ["--cache-private-key", "../key.pem"] : ["--cache-public-key", publicKey];
  const at = ["--cache", `docker://${place}`, "--insecure", registry.host, ...keys];
  const env = { IMAGE_DSL_CACHE: join(folder, store), CANARY };
  const ran = runCli(["build", ...args, ...at], { cwd: join(folder, project), env });
  assert.is(ran.status, 0, ran.stderr);
  return ran;
}

/** Of the line that a build ends with. */
function found({ stderr }: Ran): { readonly hits: number; readonly asked: number; readonly fetched: number } {
  const numbers = /^Shared cache \S+: (\d+) of (\d+) results found \((\d+) bytes fetched\)/m.exec(stderr);
  assert.ok(numbers, stderr);
  const [hits, asked, fetched] = numbers.slice(1).map(Number) as [number, number, number];
  return { hits, asked, fetched };
}

/** That a new machine finds everything, believes it, and makes the same of it. */
function assertAllFound(): void {
  const ran = build(DIGESTS, reader(`reader-${++machines}`));
  const { hits, asked } = found(ran);
  assert.ok(asked > 0 && hits === asked, ran.stderr);
  assert.is(ran.stdout.toString(), digests);
  assert.not.match(ran.stderr, /Warning/);
}

/** The warnings of a new machine that finds only some of it, and makes the same. */
function warningsOf(machine: Machine, args = DIGESTS): readonly string[] {
  const ran = build([...args, "--json"], machine);
  const lines = ran.stdout.toString().trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as { type: string; code?: string; digest?: string });
  const own = events.flatMap(({ type, digest }) => (type === "output" && digest !== undefined ? [digest] : []));
  assert.equal(own.sort(), digests.match(/sha256:[0-9a-f]{64}/g)!.sort());
  return events.flatMap(({ type, code }) => (type === "warning" && code?.startsWith("W_SHARED") ? [code] : []));
}

/** Those so far: what the registry has written arrives while we wait. */
async function requests(): Promise<readonly string[]> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return registry.requests();
}

interface Manifest {
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
  readonly annotations: Record<string, string>;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const manifestURL = (tag: string): string => `${registry.url}/v2/team/cache/manifests/${tag}`;

async function tags(): Promise<readonly string[]> {
  const answer = await fetch(`${registry.url}/v2/team/cache/tags/list`);
  return ((await answer.json()) as { tags: string[] }).tags;
}

async function entryOf(tag: string): Promise<Manifest> {
  return (await (await fetch(manifestURL(tag), { headers: { accept: MANIFEST } })).json()) as Manifest;
}

async function put(tag: string, manifest: Manifest): Promise<void> {
  const headers = { "content-type": MANIFEST };
  const { status } = await fetch(manifestURL(tag), { method: "PUT", headers, body: JSON.stringify(manifest) });
  assert.is(status, 201);
}

const dataOf = (digest: string): string => {
  const hex = digest.slice("sha256:".length);
  return join(registry.folder, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
};

test("another machine, in another checkout, finds everything: it runs no step and sends no byte", async () => {
  assert.match(
    build(["app", "other", "--push"], writer("writer")).stderr,
    /: 0 of \d+ results found .*, [1-9]\d* published/,
  );
  const before = (await requests()).length;
  const second = build([...DIGESTS, "--push"], reader("of-reader"));
  const { hits, asked, fetched } = found(second);
  assert.ok(asked > 0 && hits === asked && fetched > 1_600_000, second.stderr);
  for (const script of ["step made", "extraCommands"])
    assert.match(second.stderr, `${script} of "app" was not run: another machine has`);
  assert.ok(second.stdout.toString().endsWith(digests), second.stdout.toString());
  const sent = (await requests()).slice(before).filter((line) => /^(PATCH|PUT|POST)/.test(line));
  assert.equal(sent, []);
});

test("another repository mounts its layers from the cache's", async () => {
  const before = (await requests()).length;
  build(["other", "--push", "--tag", `${registry.host}/else/other:1`], reader("of-mounter"));
  const posts = (await requests()).slice(before).filter((line) => line.startsWith("POST"));
  // The image's config is its own.
  assert.is(
    posts.filter((line) => /mount=.*from=team%2Fcache.* 201$/.test(line)).length,
    posts.length - 1,
    posts.join("\n"),
  );
});

test("a changed line is read, and nothing of it published without the private key", async () => {
  const project = "elsewhere/third";
  cpSync(join(folder, "first"), join(folder, project), { recursive: true });
  writeFileSync(join(folder, project, "src/index.js"), "console.log(2);\n");
  const before = (await requests()).length;
  const ran = build(DIGESTS, { project, store: "of-third" });
  const { hits, asked } = found(ran);
  assert.ok(hits > 0 && hits < asked, ran.stderr);
  assert.is(ran.stdout.toString(), alone(project));
  assert.is.not(ran.stdout.toString(), digests);
  assert.ok((await requests()).slice(before).every((line) => /^GET|^HEAD/.test(line)));
});

test("entries under others' names, and such without a signature, are misses; who may write mends them", async () => {
  const all = await tags();
  const entries = await Promise.all(all.map(entryOf));
  for (const [index, tag] of all.entries()) await put(tag, entries[(index + 1) % all.length]!);
  assert.equal(warningsOf(reader("poisoned")), ["W_SHARED_CACHE_UNSIGNED"]);
  for (const [index, tag] of all.entries()) {
    const { annotations, ...rest } = entries[index]!;
    const unsigned = Object.entries(annotations).filter(([name]) => !name.endsWith("signature"));
    await put(tag, { ...rest, annotations: Object.fromEntries(unsigned) });
  }
  assert.equal(warningsOf(reader("unsigned")), ["W_SHARED_CACHE_UNSIGNED"]);
  build(["app", "other", "--push"], writer("mender"));
  assertAllFound();
});

test("a blob cut on the registry's disk, which keeps what it has of a digest, is a miss until it is published under another", async () => {
  const entries = await Promise.all((await tags()).map(entryOf));
  const result = entries.find(({ annotations }) => JSON.stringify(annotations).includes('\\"needs\\":[{'));
  const { digest, size } = result!.layers[0]!;
  truncateSync(dataOf(digest), size - 10);
  assert.equal(warningsOf(reader("cut")), ["W_SHARED_CACHE_DAMAGED"]);
  const mender = writer("mender-of-blob");
  assert.equal(warningsOf(mender), ["W_SHARED_CACHE_DAMAGED"]);
  assertAllFound();
});

test("a manifest that rots on the registry's disk is a miss until it is published anew", async () => {
  const [tag] = await tags();
  const answer = await fetch(manifestURL(tag!), { headers: { accept: MANIFEST } });
  const file = dataOf(answer.headers.get("docker-content-digest")!);
  const bytes = readFileSync(file);
  bytes[bytes.indexOf("signature")]! ^= 1;
  writeFileSync(file, bytes);
  assert.ok(warningsOf(reader("rotten")).every((code) => code.startsWith("W_SHARED_CACHE")));
  build(["app", "other", "--push"], writer("mender-of-manifest"));
  assertAllFound();
});

test("a cache that nobody answers for is said once, and the build does without; --no-cache does not read it", async () => {
  assert.equal(warningsOf({ ...reader("cut-off"), cache: "127.0.0.1:9/team/cache" }), ["W_SHARED_CACHE"]);
  const before = (await requests()).length;
  assert.equal(warningsOf(reader("anew"), [...DIGESTS, "--no-cache"]), []);
  assert.equal((await requests()).slice(before), []);
});

test("neither the key, nor what a function knew of the environment, nor this machine's paths are in the registry", () => {
  const { stderr } = build(["secret", "-o", "digest", "--verbose"], writer("of-secret"));
  for (const script of ["renamed", "text"]) {
    assert.match(
      stderr,
      `step ${script} of "secret" is not shared with other machines: it was given what is in $CANARY here`,
    );
  }
  const secrets = [CANARY, readFileSync(join(folder, "key.pem"), "utf8").split("\n")[1]!, folder];
  for (const each of readdirSync(registry.folder, { recursive: true, withFileTypes: true })) {
    if (!each.isFile()) continue;
    const bytes = readFileSync(join(each.parentPath, each.name));
    for (const secret of secrets) assert.not(bytes.includes(secret), `${each.name} has ${secret}`);
  }
});

test("doctor says whether it answers, and whether it may be written", () => {
  const doctor = (cache: string, ...keys: readonly string[]) =>
    cli(["doctor", "--cache", `docker://${cache}`, "--insecure", registry.host, ...keys], { cwd: folder }).toString();
  const cache = `${registry.host}/team/cache`;
  assert.match(doctor(cache, "--cache-private-key", "key.pem"), /ok +shared cache +\S+ answers, and may be written/);
  assert.match(doctor(cache, "--cache-public-key", publicKey), /ok +shared cache +\S+ answers; nothing is published/);
  assert.match(doctor("127.0.0.1:9/team/cache", "--cache-public-key", publicKey), /missing +shared cache/);
});

test("doctor looks at the cache and the workers that the config names, and says where it cannot be read", () => {
  const cwd = join(folder, "configured");
  const doctor = () => cli(["doctor", "--insecure", registry.host], { cwd }).toString();
  const named = {
    sharedCache: { at: `docker://${registry.host}/team/cache`, publicKeys: [publicKey] },
    remote: { at: "grpc://127.0.0.1:9" },
  };
  const config = `import { buildLayeredImage, text } from "image-dsl";
  export default { ...${JSON.stringify(named)}, images: { app: buildLayeredImage({ name: "app", contents: text("/a", "") }) } };`;
  writeProject(cwd, { "image.config.mjs": config });
  const said = doctor();
  assert.match(said, /ok +shared cache +\S+ answers; nothing is published/);
  assert.match(said, /missing +remote workers +The workers at 127\.0\.0\.1:9 failed to/);
  writeProject(cwd, { "image.config.mjs": "// Nothing yet\n" });
  assert.match(doctor(), /limited +config +"image\.config\.mjs" exports nothing/);
});

test("a place or a key that is none is an error of the command line", () => {
  for (const [args, said] of [
    [["--cache", "oci:folder", "--cache-public-key", publicKey], /no place for a shared cache/],
    [["--cache", "docker://registry.example/a:tag", "--cache-public-key", publicKey], /without a tag/],
    [["--cache", "docker://registry.example/a"], /Nothing says whose results/],
    [["--cache", "docker://registry.example/a", "--cache-public-key", "abc"], /no public key/],
    [["--cache", "docker://registry.example/a", "--cache-private-key", "none"], /Cannot read the private key/],
  ] as const) {
    refused(["build", ...DIGESTS, ...args], said);
  }
  for (const command of ["plan", "outdated"])
    refused([command, "--cache", "docker://registry.example/a"], /Nothing says/);

  function refused(args: readonly string[], said: RegExp): void {
    const ran = runCli(args, { cwd: join(folder, "first") });
    assert.is(ran.status, 2, ran.stderr);
    assert.match(ran.stderr, said);
  }
});

test.run();
