// @runtimes node
// @timeout 600
/** Apps that workers build are those that are built here; what could make another one of them, runs here. */
import { cpSync, realpathSync, utimesSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { BuildEvent } from "../../core/index.ts";
import type { RemoteWorkers } from "../../core/model/remote-work.ts";
import type * as api from "../../plugins/index.ts";
import type { AppBuild } from "../../plugins/index.ts";
import { javaScriptCommand } from "../../scripts/runtimes.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { localWorkers, runIn } from "../local-workers.ts";
import { startJustbuild } from "../remote-servers.ts";
import { appIn, buildPacks } from "./remote-project.ts";
import { PROJECT, writeProject } from "./support.ts";

const test = suite("e2e/remote-apps", { timeout: 300_000 });
const { ImageDslError, build, bunApp, elf, image, nodeApp } = (await import(
  join(PROJECT, "dist/index.js")
)) as typeof api;

test.before(() => void requireTool("bwrap", "bash"));

test("a real bundler gives there what it gives here, and a checkout elsewhere finds it made", async () => {
  const app = appIn(tmp());
  const { digests, made } = await buildPacks(app);
  assert.equal([digests.length, made.here], [1, 0], "without workers nothing is said of places");
  const server = await startJustbuild();
  try {
    const first = await buildPacks(app, { at: server.at });
    const { there } = first.made;
    assert.equal(first, { digests, warnings: [], made: { there, known: 0, here: 0 } });

    const folder = join(tmp(), "another/checkout");
    cpSync(app.folder, folder, { recursive: true });
    utimesSync(join(folder, "src/server.ts"), 1, 1);
    const elsewhere = await buildPacks({ ...app, folder }, { at: server.at, umask: "077" });
    assert.equal(elsewhere, { digests, warnings: [], made: { there: 0, known: there, here: 0 } });
  } finally {
    await server.kill();
  }
});

/** Debian's `sh` and bash write different things for this. */
const SCRIPT = String.raw`rm -rf dist && mkdir dist && echo 'a\tb' > dist/words && cp main.js dist/`;
const project = writeProject(tmp(), {
  "package.json": JSON.stringify({ name: "app", main: "dist/main.js", scripts: { build: SCRIPT } }),
  "main.js": "console.log(1);",
});

interface Made {
  readonly digest: string;
  readonly warnings: readonly string[];
  readonly notes: string;
}

async function make(build: string | AppBuild, workers?: RemoteWorkers): Promise<Made> {
  const runtime = elf({ files: "node", dest: "/usr/local/bin/" });
  return made(nodeApp({ dir: project, runtime, init: false, build }), workers);
}

async function made(app: api.AppImage, workers?: RemoteWorkers): Promise<Made> {
  const events: BuildEvent[] = [];
  const [result] = await build(
    { images: { app: image(app) } },
    {
      directory: project,
      store: tmp(),
      jobs: 2,
      explain: true,
      outputs: [`oci:${join(tmp(), "layout")}`],
      onEvent: (event) => events.push(event),
      // There is always more of it than this machine does soon.
      ...(workers && { remoteWorkers: { workers, rates: { here: 1, there: 1e9, link: 1e9, delay: 0 } } }),
    },
  );
  return {
    digest: result!.configDigest,
    warnings: events.flatMap((event) => (event.type === "warning" ? [`${event.code} ${event.message}`] : [])),
    notes: events.flatMap((event) => (event.type === "note" ? [event.message] : [])).join("\n"),
  };
}

const NAMED: AppBuild = { run: "npm run build", tools: [] };
const TOOLS = { bash: {}, cp: {} };

const STAYS: Readonly<
  Record<string, readonly [why: RegExp, build: string | AppBuild, tools: NonNullable<RemoteWorkers["tools"]>]>
> = {
  "a build that says nothing of tools": [/it does not say which tools it needs/, "npm run build", TOOLS],
  "a tool that no worker has": [
    /no workers are said to have "sed" \(remote\.tools\)/,
    { ...NAMED, tools: ["sed"] },
    TOOLS,
  ],
  "workers without coreutils": [/no workers are said to have "cp" \(remote\.tools\)/, NAMED, { bash: {} }],
};

for (const [name, [why, build, tools]] of Object.entries(STAYS)) {
  test(`${name}: it stays here, and --explain says why`, async () => {
    const { notes, warnings } = await make(build, { ...localWorkers(tmp(), ImageDslError), tools });
    assert.match(notes, new RegExp(`^step build of "app": made here: ${why.source}$`, "m"));
    assert.equal(warnings, []);
  });
}

test("a worker whose sh is another one refuses what it would make otherwise", async () => {
  const [shell, other] = [realpathSync("/bin/sh"), realpathSync("/bin/bash")];
  assert.is.not(shell, other);
  const replaced = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", other, shell];
  const workers = localWorkers(tmp(), ImageDslError, 2, (folder, task, ...rest) =>
    runIn(folder, { ...task, command: [...replaced, "--chdir", folder, "--", ...task.command] }, ...rest),
  );
  const { digest } = await make(NAMED);
  assert.is((await make("npm run build")).digest, digest);
  const made = await make(NAMED, { ...workers, tools: TOOLS });
  assert.is(made.digest, digest);
  assert.is(made.warnings.length, 1);
  assert.match(made.warnings[0]!, /^E_REMOTE_TASK /);
  assert.match(made.warnings[0]!, /bin\/sh: FAILED[^]*other libraries, or another \/bin\/sh/);
});

test("what runs by Node in an app of another runtime has to name it", async () => {
  const { program } = javaScriptCommand("bun");
  const { PATH } = process.env;
  process.env["PATH"] = `${join(program, "..")}:${PATH}`;
  try {
    const bunOf = (build: AppBuild) =>
      made(bunApp({ dir: project, runtime: elf({ files: "bun", dest: "/usr/local/bin/" }), init: false, build }));
    const error = await bunOf(NAMED).then(
      () => assert.unreachable("npm runs by Node"),
      (reason: InstanceType<typeof ImageDslError>) => reason,
    );
    assert.match(error!.message, "This runs by node, which is not among the tools of the build");
    await bunOf({ ...NAMED, tools: ["node"] });
    await bunOf({ run: "bun run build", tools: [] });
  } finally {
    process.env["PATH"] = PATH;
  }
});

test.run();
