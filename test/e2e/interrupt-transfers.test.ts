// @runtimes node
/** Ctrl-C while an image is on its way to or from a registry or a daemon that no longer answers: the end is quick, and nothing half-done stays. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import {
  scriptedRegistry,
  type Route,
  type Routes,
  type ScriptedRegistry,
} from "../plugins/registry/support/scripted-registry.ts";
import { CLI, cli, namesIn, writeProject } from "./support.ts";

const test = suite("e2e/interrupt-transfers", { timeout: 60_000 });

/** What a second Ctrl-C would be needed for takes 5 seconds. */
const BOUND = 3000;

const folder = tmp();
const cache = join(folder, ".cache");

const registries: ScriptedRegistry[] = [];

test.after(async () => {
  for (const registry of registries) await registry.close();
});

async function registryOf(routes: Routes): Promise<string> {
  const registry = await scriptedRegistry(routes);
  registries.push(registry);
  return registry.host;
}

test.before(() => {
  writeProject(folder, {
    "image.config.mjs": `import { buildLayeredImage, text } from "image-dsl";
export default buildLayeredImage({ name: "team/app", tag: "1", contents: text("/a", "a".repeat(3_000_000)) });
`,
  });
  cli(["build", "-o", "oci:layout", "--compression", "none"], { cwd: folder, env: { IMAGE_DSL_CACHE: cache } });
});

const blob = (digest: string): Buffer =>
  readFileSync(join(folder, "layout/blobs/sha256", digest.replace("sha256:", "")));

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}

/** The image of the layout, up to the middle of its layer. */
function pullable(stuck: Route): Routes {
  const { manifests } = JSON.parse(readFileSync(join(folder, "layout/index.json"), "utf8")) as {
    manifests: Descriptor[];
  };
  const manifest = blob(manifests[0]!.digest);
  const { config } = JSON.parse(manifest.toString()) as { config: Descriptor };
  return {
    "GET /v2/": ({ answer }) => answer(200),
    "GET /v2/team/app/manifests/*": ({ answer }) => answer(200, { "content-type": manifests[0]!.mediaType }, manifest),
    [`GET /v2/team/app/blobs/${config.digest}`]: ({ answer }) => answer(200, {}, blob(config.digest)),
    "GET /v2/team/app/blobs/*": (exchange) => {
      const bytes = blob(exchange.url.pathname.split("/").at(-1)!);
      exchange.response.writeHead(200, { "content-length": bytes.length });
      exchange.response.write(bytes.subarray(0, bytes.length / 2), () => void stuck(exchange));
    },
  };
}

/** Takes uploads until it is asked to keep something. */
function pushable(stuck: Route): Routes {
  return {
    "HEAD *": ({ answer }) => answer(404),
    "GET *": ({ refuse }) => refuse(404, "NAME_UNKNOWN"),
    "POST /v2/team/app/blobs/uploads/*": ({ answer }) => answer(202, { location: "/v2/team/app/blobs/uploads/one" }),
    "P* *": stuck,
  };
}

interface Stopped {
  readonly status: number | null;
  readonly said: string;
}

/** Runs the command until `ready` is called, sends it SIGINT, and says how it ended. */
async function interrupted(
  start: (ready: () => void) => Promise<{ args: readonly string[]; env?: Readonly<Record<string, string>> }>,
): Promise<Stopped> {
  let ready = (): void => {};
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const { args, env } = await start(ready);
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { ...inherited, IMAGE_DSL_CACHE: cache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  await Promise.race([isReady, ended]);
  assert.is(child.exitCode, null, said);
  const asked = Date.now();
  child.kill("SIGINT");
  const status = await ended;
  assert.ok(Date.now() - asked < BOUND, `${Date.now() - asked} ms`);
  return { status, said };
}

/** Nothing but a download that a later run goes on with. */
function assertStopped({ status, said }: Stopped): void {
  assert.is(status, 130, said);
  assert.match(said, "Stopped");
  assert.not.match(said, /^ +at /m);
  assert.equal(namesIn(folder), [".cache", "image.config.mjs", "layout"]);
  assert.equal(readdirSync(join(cache, "tmp")), []);
}

const HOST = "docker://";

for (const [what, words] of [
  ["copy", (host: string) => ["copy", `${HOST}${host}/team/app:1`, "docker-archive:out.tar"]],
  ["prefetch", (host: string) => ["prefetch", `${host}/team/app:1`]],
  ["prefetch --lock", (host: string) => ["prefetch", `${host}/team/app:1`, "--lock"]],
] as const) {
  test(`Ctrl-C in the middle of a layer that ${what} fetches`, async () => {
    const stopped = await interrupted(async (ready) => {
      const host = await registryOf(pullable(() => ready()));
      return { args: [...words(host), "--insecure", host] };
    });
    assertStopped(stopped);
  });
}

for (const [what, words] of [
  ["build --push", (host: string) => ["build", "--push", "-t", `${host}/team/app:1`]],
  ["copy", (host: string) => ["copy", "oci:layout", `${HOST}${host}/team/app:1`]],
] as const) {
  test(`Ctrl-C while ${what} sends a layer`, async () => {
    const stopped = await interrupted(async (ready) => {
      const host = await registryOf(pushable(() => ready()));
      return { args: [...words(host), "--insecure", host] };
    });
    assertStopped(stopped);
  });
}

test("Ctrl-C while podman does not take what it is given; podman is ended, too", async () => {
  const bin = tmp();
  const mark = join(bin, "started");
  writeFileSync(join(bin, "podman"), `#!/bin/sh\n[ "$1" = load ] || exit 1\necho $$ >${mark}\nexec sleep 600\n`);
  chmodSync(join(bin, "podman"), 0o755);
  const stopped = await interrupted(async (ready) => {
    const looking = setInterval(() => {
      if (!existsSync(mark) || readFileSync(mark, "utf8") === "") return;
      clearInterval(looking);
      ready();
    }, 20);
    return { args: ["build", "-o", "podman:team/app:1"], env: { PATH: `${bin}:${process.env["PATH"]}` } };
  });
  assertStopped(stopped);
  assert.not(existsSync(`/proc/${readFileSync(mark, "utf8").trim()}`));
});

test.run();
