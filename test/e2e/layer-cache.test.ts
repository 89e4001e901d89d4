// @runtimes node
// @timeout 300
/** Nothing twice: what is known is not read, what changed is found and named, and nothing changed goes unseen. */
import { spawn } from "node:child_process";
import { chmodSync, closeSync, openSync, readFileSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { requireTool, suite, tmp } from "../harness.ts";
import { CLI, cli, digestOf, must, runCli, writeProject, type RunOptions } from "./support.ts";

const test = suite("e2e/layer-cache", { timeout: 120_000 });
const LAYERS = 20;
const FILES_EACH = 50;

/** Twenty folders, each a layer of fifty files. */
function project(): RunOptions {
  const files: Record<string, string> = {
    "image.config.ts": `import { buildLayeredImage, files } from "image-dsl";
export default buildLayeredImage({
  name: "many",
  contents: Array.from({ length: ${LAYERS} }, (_, i) => files(\`tree/\${i}\`, { dest: \`/srv/\${i}\`, mode: "keep" })),
});
`,
  };
  for (let layer = 0; layer < LAYERS; layer++) {
    for (let file = 0; file < FILES_EACH; file++) files[`tree/${layer}/${file}.txt`] = `${layer} ${file}\n`;
  }
  return { cwd: writeProject(tmp(), files), env: { IMAGE_DSL_CACHE: tmp() } };
}

/** Nothing is kept of files that changed less than two seconds ago: they may change again unseen. */
async function letFilesAge(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2100));
}

/** For each test that keeps what it reads. */
let aged: RunOptions[];
test.before(async () => {
  aged = Array.from({ length: 5 }, project);
  await letFilesAge();
});

function agedProject(): RunOptions {
  return aged.pop()!;
}

interface LayerEvent {
  readonly type: string;
  readonly index: number;
  readonly isKnown: boolean;
  readonly changes?: readonly string[];
}

/** The layers of a build of the digest, and which files below tree/ it opened, by what the system saw. */
function watched(options: RunOptions, args: readonly string[] = []): { layers: LayerEvent[]; opened: string[] } {
  const trace = join(tmp(), "trace");
  const command = ["build", ...args, "-o", "digest", "--json"];
  const out = must(
    ["strace", "-f", "-qq", "-e", "trace=openat", "-o", trace, process.execPath, CLI, ...command],
    options,
  );
  const events = out
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LayerEvent);
  const opened = [...readFileSync(trace, "utf8").matchAll(/openat\([^"]*"([^"]*\/tree\/\d+\/\d+\.txt)"/g)].map(
    ([, path]) => path!,
  );
  return { layers: events.filter(({ type }) => type === "layer"), opened: [...new Set(opened)] };
}

const unknown = (layers: readonly LayerEvent[]) => layers.filter(({ isKnown }) => !isKnown);

test("an unchanged build reads no file; with one file changed, only its layer's are read, and it is named", async () => {
  requireTool("strace");
  const options = agedProject();
  const first = watched(options);
  assert.is(first.opened.length, LAYERS * FILES_EACH);
  assert.ok(first.layers.length >= LAYERS);
  assert.is(unknown(first.layers).length, first.layers.length);
  const digest = digestOf([], options);

  const second = watched(options);
  assert.equal([second.opened, unknown(second.layers)], [[], []]);

  writeFileSync(join(options.cwd, "tree/7/3.txt"), "other\n");
  await letFilesAge();
  const third = watched(options);
  assert.equal(
    unknown(third.layers).map(({ changes }) => changes),
    [["/srv/7/3.txt: content"]],
  );
  assert.is(third.opened.length, FILES_EACH);
  assert.ok(third.opened.every((path) => path.includes("/tree/7/")));
  assert.is.not(digestOf([], options), digest);
});

test("what changed is told in words: added, removed, mode; with text for people too", async () => {
  const options = agedProject();
  digestOf([], options);
  chmodSync(join(options.cwd, "tree/0/1.txt"), 0o755);
  must(["rm", "tree/1/0.txt"], options);
  writeFileSync(join(options.cwd, "tree/2/new.txt"), "new\n");
  const { stdout, stderr } = runCli(["build", "-o", "digest", "--explain"], options);
  assert.match(stdout.toString(), /^sha256:[0-9a-f]{64}\n$/);
  for (const line of ["  /srv/0/1.txt: mode 644 → 755, content", "  /srv/1/0.txt: removed", "  /srv/2/new.txt: added"])
    assert.ok(stderr.includes(`${line}\n`), stderr);
  assert.match(stderr, /^many: layer \d+, [\d.]+ kB, known: tree\/3$/m);
  assert.match(stderr, /^many: layer \d+, [\d.]+ kB, made anew: tree\/0$/m);
});

test("a file with other bytes and its old times is read again: its ctime tells", async () => {
  const options = agedProject();
  const digest = digestOf([], options);
  const file = join(options.cwd, "tree/4/4.txt");
  const { atime, mtime } = statSync(file);
  writeFileSync(file, "4 x\n");
  utimesSync(file, atime, mtime);
  assert.is(statSync(file).size, "4 4\n".length);
  assert.is.not(digestOf([], options), digest);
  writeFileSync(file, "4 4\n");
  utimesSync(file, atime, mtime);
  assert.is(digestOf([], options), digest);
});

test("files that have just changed are not taken for known", () => {
  const options = project();
  const file = join(options.cwd, "tree/4/4.txt");
  for (let round = 0; round < 5; round++) {
    const expected = digestOf(["--no-cache"], options);
    assert.is(digestOf([], options), expected);
    // Same size, most likely within one tick of a coarse clock.
    writeFileSync(file, `${round} x\n`);
    assert.is.not(digestOf([], options), expected);
  }
});

test("--no-cache reads everything, and gives the same", async () => {
  requireTool("strace");
  const options = agedProject();
  const digest = digestOf([], options);
  assert.is(watched(options, ["--no-cache"]).opened.length, LAYERS * FILES_EACH);
  assert.is(digestOf(["--no-cache"], options), digest);
  assert.is(digestOf([], options), digest);
});

test("stream gives the same bytes cold, warm and without the cache", async () => {
  const options = agedProject();
  const cold = cli(["stream"], options);
  assert.ok(cold.equals(cli(["stream"], options)), "warm");
  assert.ok(cold.equals(cli(["stream", "--no-cache"], options)), "without");
});

test("a file that changes while it streams is reported by its name", async () => {
  const options = {
    cwd: writeProject(tmp(), {
      "image.config.ts": `import { buildLayeredImage, files } from "image-dsl";
export default buildLayeredImage({ name: "one", contents: [files("tree", { dest: "/srv" })] });
`,
      "tree/large.bin": "",
    }),
    env: { IMAGE_DSL_CACHE: tmp() },
  };
  const large = join(options.cwd, "tree/large.bin");
  must(["truncate", "-s", "200M", large], options);
  const child = spawn(process.execPath, [CLI, "stream"], { cwd: options.cwd, env: { ...process.env, ...options.env } });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  // What is read stands still as long as nobody takes it.
  await new Promise<void>((resolve) => child.stdout.once("readable", () => (child.stdout.read(1), resolve())));
  const file = openSync(large, "r+");
  writeSync(file, "changed", 190 * 1024 * 1024);
  closeSync(file);
  child.stdout.resume();
  assert.is(await ended, 1, said);
  assert.match(said, /tree\/large\.bin changed while/);
  assert.match(said, /E_CONTENT_CHANGED/);
});

test.run();
