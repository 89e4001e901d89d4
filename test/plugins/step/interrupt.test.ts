// @runtimes node
// @timeout 240
/** Ctrl-C while steps run: nothing of them runs on, nothing is left, with a sandbox and without. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { RUNTIMES, javaScriptCommand, type RuntimeName } from "../../../scripts/runtimes.ts";
import { survivorsWith } from "../../core/run/script-fixture.ts";
import { CLI, namesIn, runCli, writeProject } from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("step/interrupt", { timeout: 60_000 });

test.before(() => void requireTool("bwrap", "bash"));

/** A number that no other process is told to sleep for. */
const SECONDS = `${1_000_000 + process.pid}`;

const CONFIG = `import { buildLayeredImage, step } from "image-dsl";
export default {
  images: ({ args }) => {
    const wait = args.wait ? "echo started; trap '' TERM; sleep ${SECONDS} & setsid sleep ${SECONDS} & sleep ${SECONDS}; " : "";
    const one = step({ name: "one", run: wait + "echo 1 > $out/one" });
    const two = step({ name: "two", run: ({ $, out }) => $\`bash -c \${wait + "echo 2 > " + out + "/two"}\` });
    return { app: buildLayeredImage({ name: "app", contents: [step({ inputs: { one, two }, run: "cp $inputs_one/one $out" })] }) };
  },
};
`;

for (const runtime of RUNTIMES) test(`in the sandbox, on ${runtime}`, () => interrupt(runtime, {}));

for (const runtime of RUNTIMES) {
  test(`kill -9 in the sandbox, on ${runtime}: the next build removes what is left`, () =>
    interrupt(runtime, {}, "SIGKILL"));
}

test("without one", async () => {
  const bin = tmp();
  writeFileSync(join(bin, "bwrap"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  await interrupt("node", { PATH: `${bin}:${process.env["PATH"]}` });
});

/** What takes long to remove is removed behind the build's end. */
async function leftIn(folder: string): Promise<readonly string[]> {
  for (let waited = 0; waited < 10_000 && namesIn(folder).length > 0; waited += 50) await delay(50);
  return namesIn(folder);
}

async function interrupt(
  runtime: RuntimeName,
  env: Readonly<Record<string, string>>,
  signal: "SIGINT" | "SIGKILL" = "SIGINT",
): Promise<void> {
  const cwd = writeProject(tmp(), { "image.config.mjs": CONFIG });
  const cache = tmp();
  const { program, args } = javaScriptCommand(runtime);
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(program, [...args, CLI, "build", "--json", "--jobs", "2", "--arg", "wait=yes"], {
    cwd,
    env: { ...inherited, IMAGE_DSL_CACHE: cache, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  const status = new Promise<number | null>((resolve) => child.on("close", resolve));
  const started = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.match(/"line":"started"/g)?.length === 2) resolve();
      });
    }
  });
  await Promise.race([started, status]);
  process.kill(-child.pid!, signal);
  assert.is(await status, signal === "SIGINT" ? 130 : null, said);
  assert.not.match(said, /^ +at /m);
  assert.equal(await survivorsWith(SECONDS), []);
  if (signal === "SIGINT") assert.equal(await leftIn(join(cache, "tmp")), [], said);
  assert.equal(namesIn(cwd), ["image.config.mjs"]);
  const next = runCli(["build", "-o", "digest"], { cwd, runtime, env: { IMAGE_DSL_CACHE: cache, ...env } });
  assert.is(next.status, 0, next.stderr);
  assert.equal(namesIn(join(cache, "tmp")), []);
}

test.run();
