// @runtimes node
// @timeout 300
/** A repository of Debian's docker-registry as the cache of several machines: what they find there, and what they do not believe. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { dockerRegistry, type DockerRegistry } from "../plugins/registry/support/docker-registry.ts";
import { cli, runCli, writeProject, type Ran } from "./support.ts";

const test = suite("e2e/shared-cache", { timeout: 120_000 });

const folder = tmp();
let registry: DockerRegistry;
let publicKey: string;

const CONFIG = (host: string) => `import { buildLayeredImage, files, text } from "image-dsl";
const image = (name, contents) => buildLayeredImage({ name: "${host}/team/" + name, tag: "1", contents });
export default {
  app: image("app", [files("src", { dest: "/app" }), text("/of", "app")]),
  other: image("other", [files("src", { dest: "/app" }), text("/of", "other")]),
};
`;

test.before(async () => {
  registry = await dockerRegistry();
  writeProject(join(folder, "first"), {
    "image.config.mjs": CONFIG(registry.host),
    "src/large": "0123456789abcdef".repeat(100_000),
    "src/index.js": "console.log(1);\n",
  });
  cpSync(join(folder, "first"), join(folder, "elsewhere/second"), { recursive: true });
  publicKey = cli(["cache", "keygen", "key.pem"], { cwd: folder }).toString().trim();
});
test.after(() => registry.close());

/** Each machine has a store of its own. */
interface Machine {
  readonly project: string;
  readonly store: string;
  readonly writes?: boolean;
  readonly cache?: string;
}

const writer = { project: "first", store: "of-writer", writes: true };
const reader = (store: string): Machine => ({ project: "elsewhere/second", store });

function build(args: readonly string[], { project, store, writes, cache = "team/cache" }: Machine): Ran {
  const keys = writes ? ["--cache-private-key", "../key.pem"] : ["--cache-public-key", publicKey];
  const at = ["--cache", `docker://${registry.host}/${cache}`, "--insecure", registry.host];
  const options = { cwd: join(folder, project), env: { IMAGE_DSL_CACHE: join(folder, store) } };
  const ran = runCli(["build", ...args, ...at, ...keys], options);
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

/** Those so far: what the registry has written arrives while we wait. */
async function requests(): Promise<readonly string[]> {
  await new Promise((resolve) => setTimeout(resolve, 200));
  return registry.requests();
}

const DIGESTS = ["-o", "digest"];

test("another machine, in another checkout, finds all layers and sends no byte of them", async () => {
  const alone = cli(["build", ...DIGESTS], {
    cwd: join(folder, "first"),
    env: { IMAGE_DSL_CACHE: join(folder, "alone") },
  });
  assert.match(build(["--push"], writer).stderr, /0 of \d+ results found .*, [1-9]\d* published/);
  const before = (await requests()).length;
  const second = build(["--push", ...DIGESTS], reader("of-reader"));
  const { hits, asked, fetched } = found(second);
  assert.ok(asked > 0 && hits === asked && fetched === 0, second.stderr);
  assert.ok(second.stdout.toString().endsWith(alone.toString()), second.stdout.toString());
  const sent = (await requests()).slice(before).filter((line) => /^(PATCH|PUT|POST)/.test(line));
  assert.equal(sent, []);
});

test.run();
