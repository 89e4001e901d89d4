/** `build --load` as a user meets it: hostile words of a daemon, Ctrl-C, and no daemon at all. */
// @runtimes node
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { json, scriptedEngine, type Answer } from "../plugins/daemons/support/engine.ts";
import { CLI, runCli } from "./support.ts";

const test = suite("e2e/load");

const VERSION = { "GET /version": json({ Version: "20.10.24", Os: "linux", Arch: "amd64" }) };
const store = tmp();

function project(): string {
  const folder = tmp();
  mkdirSync(join(folder, "site"));
  writeFileSync(join(folder, "site/a.txt"), "a");
  writeFileSync(
    join(folder, "image.config.ts"),
    'import { buildLayeredImage, defineConfig, files } from "image-dsl";\n' +
      'export default defineConfig({ images: { app: buildLayeredImage({ name: "app", tag: "1", contents: [files("site")] }) } });\n',
  );
  return folder;
}

/** The engine lives in this process, so the command runs beside it. */
async function load(answers: Readonly<Record<string, Answer>>, interruptAt?: string) {
  await using engine = await scriptedEngine({ ...VERSION, ...answers });
  const env = { ...process.env, DOCKER_HOST: engine.host, IMAGE_DSL_CACHE: store };
  const child = spawn(process.execPath, [CLI, "build", "--load"], { cwd: project(), env });
  let said = "";
  child.stdout.on("data", (piece) => (said += piece));
  child.stderr.on("data", (piece) => (said += piece));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  if (interruptAt !== undefined) {
    while (!engine.requests.includes(interruptAt)) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
  }
  return { status: await ended, said };
}

test("what a daemon says cannot change the terminal", async () => {
  const error = "\u001b]0;owned\u0007\u001b[2Jno space\u202e";
  const { status, said } = await load({
    "POST /images/load": (response) => response.end(JSON.stringify({ error, errorDetail: { message: error } })),
  });
  assert.is(status, 1);
  assert.match(said, "\\x1b]0;owned\\x07\\x1b[2Jno space\\u{202e}");
  assert.not.match(said, "\u001b]0");
});

test("Ctrl-C ends a load that the daemon does not answer", async () => {
  const { status } = await load({ "POST /images/load": () => {} }, "POST /images/load?quiet=0");
  assert.is(status, 130);
});

test("a name without a tag is refused before anything is built", () => {
  for (const transport of ["docker-daemon", "podman", "containers-storage", "containerd"]) {
    const { status, stderr } = runCli(["build", "-o", `${transport}:app`], { cwd: project() });
    assert.is(status, 2);
    assert.match(stderr, `"${transport}:app" has no NAME:TAG`);
  }
});

test("a daemon that is named and not there is told", () => {
  const env = { DOCKER_HOST: `unix://${join(tmp(), "none.sock")}`, IMAGE_DSL_CACHE: store };
  const { status, stderr } = runCli(["build", "--load"], { cwd: project(), env });
  assert.is(status, 1);
  assert.match(stderr, "Cannot speak to the Docker daemon at unix:///");
});

test.run();
