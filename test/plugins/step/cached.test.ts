// @runtimes node
// @timeout 300
/** When a step that is a function runs again, as the built CLI does it, on every runtime. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { RUNTIMES, type RuntimeName } from "../../../scripts/runtimes.ts";
import {
  cli,
  copyForNobody,
  folderForNobody,
  openFolder,
  runCli,
  writeProject,
  type RunOptions,
} from "../../e2e/support.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("step/cached", { timeout: 120_000 });

test.before(() => void requireTool("bwrap", "bash"));

const FILES = {
  "image.config.ts": `import { buildLayeredImage, files, step } from "image-dsl";
import { greeting } from "./scripts/greeting.ts";

const hello = step({
  name: "hello",
  inputs: { src: files("src") },
  run: ({ $, inputs, out }) => $\`echo ran; cat \${inputs.src}/name > \${out}/hello; echo \${greeting()} >> \${out}/hello\`,
});
const loud = step({
  name: "loud",
  inputs: { hello },
  run: ({ $, inputs, out }) => $\`echo ran; tr a-z A-Z < \${inputs.hello}/hello > \${out}/loud\`,
  dest: "/srv",
});

export default {
  images: ({ args }) => ({
    app: buildLayeredImage({ name: args.name ?? "app", contents: [loud] }),
    both: buildLayeredImage({ name: "both", contents: [hello, loud] }),
  }),
};
`,
  "scripts/greeting.ts": `import { WORD } from "./word.ts";\nexport const greeting = (): string => WORD;\n`,
  "scripts/word.ts": `export const WORD = "hello";\n`,
  "scripts/unrelated.ts": `export const OTHER = 1;\n`,
  "src/name": "world\n",
  "README.md": "text\n",
};

interface Outcome {
  /** The steps that ran, in order. */
  readonly ran: readonly string[];
  readonly digest: string;
}

function build(options: RunOptions, ...args: string[]): Outcome {
  const events = cli(["build", "app", "-o", "digest", "--json", ...args], options)
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; script: string; line: string; digest: string });
  const ran = events.filter(({ type, line }) => type === "script-output" && line === "ran");
  return { ran: ran.map(({ script }) => script), digest: events.find(({ type }) => type === "output")!.digest };
}

const BOTH = ["step hello", "step loud"];

const digests = new Map<RuntimeName, string>();

for (const runtime of RUNTIMES) {
  test(`function edited, helper edited, unrelated file edited: run, run, cached; on ${runtime}`, () => {
    const cwd = writeProject(tmp(), FILES);
    const options: RunOptions = { cwd, runtime, env: { IMAGE_DSL_CACHE: tmp() } };
    const write = (name: keyof typeof FILES, text: string): void => writeFileSync(join(cwd, name), text);

    const first = build(options);
    digests.set(runtime, first.digest);
    assert.equal(first.ran, BOTH);
    assert.equal(build(options), { ran: [], digest: first.digest });

    write("image.config.ts", FILES["image.config.ts"].replace("a-z A-Z", "l L"));
    const edited = build(options);
    assert.equal(edited.ran, BOTH, "the function edited");
    assert.is.not(edited.digest, first.digest);
    write("image.config.ts", FILES["image.config.ts"]);
    assert.equal(build(options), { ran: [], digest: first.digest }, "and put back: known from before");

    write("scripts/word.ts", `export const WORD = "hallo";\n`);
    const helped = build(options);
    assert.equal(helped.ran, BOTH, "a helper's helper edited");
    assert.is.not(helped.digest, first.digest);
    assert.equal(build(options), { ran: [], digest: helped.digest });

    write("scripts/unrelated.ts", `export const OTHER = 2;\n`);
    write("README.md", "other\n");
    mkdirSync(join(cwd, "new"));
    assert.equal(build(options), { ran: [], digest: helped.digest }, "unrelated files edited");

    write("src/name", "moon\n");
    const fed = build(options);
    assert.equal(fed.ran, BOTH, "an input edited, which is also the other step's");
    assert.is.not(fed.digest, helped.digest);

    assert.equal(build(options, "--arg", "x=1").ran, BOTH, "arguments reach functions");
    assert.equal(build(options, "--no-cache"), { ran: BOTH, digest: fed.digest });
    assert.equal(build(options, "--check").ran, ["step hello", "step hello", "step loud", "step loud"]);
  });
}

test("every runtime gives the same image", () => {
  assert.is(digests.size, RUNTIMES.length);
  assert.is(new Set(digests.values()).size, 1);
});

test("plan runs what is not known, and build then finds it", () => {
  const options = { cwd: writeProject(tmp(), FILES), env: { IMAGE_DSL_CACHE: tmp() } };
  assert.match(cli(["plan", "app"], options).toString(), /loud/);
  assert.equal(build(options).ran, []);
});

test("a step of two images runs once", () => {
  const options = { cwd: writeProject(tmp(), FILES), env: { IMAGE_DSL_CACHE: tmp() } };
  const out = cli(["build", "-o", "digest", "--verbose"], options).toString();
  const { stderr } = runCli(["build", "--no-cache", "-o", "digest", "--verbose"], options);
  assert.is(out.trim().split("\n").length, 2);
  assert.equal(stderr.match(/\| ran$/gm)?.length, 2, stderr);
});

test("an import that is only known when it runs: never kept, and a warning says which", () => {
  const config = FILES["image.config.ts"].replace(
    "export default",
    "const extra = () => import(process.env.EXTRA);\nexport default",
  );
  const options = {
    cwd: writeProject(tmp(), { ...FILES, "image.config.ts": config }),
    env: { IMAGE_DSL_CACHE: tmp() },
  };
  build(options);
  assert.equal(build(options).ran, BOTH);
  const { stderr } = runCli(["build", "app", "-o", "digest"], options);
  assert.match(
    stderr,
    /Warning: step hello of "app" runs on every build: the code of its function cannot be known \(\S+image\.config\.ts:\d+: it imports/,
  );
});

test("umask, time zone, language, PATH and user change no digest", () => {
  requireTool("setpriv");
  const folder = openFolder("step");
  const digest = (name: string, { env, ...more }: Partial<RunOptions>): string => {
    const cwd = copyForNobody(writeProject(tmp(), FILES), join(folder.path, name));
    const cache = more.unprivileged ? folderForNobody(`${cwd}-cache`) : tmp();
    return build({ cwd, ...more, env: { IMAGE_DSL_CACHE: cache, ...env } }).digest;
  };
  try {
    const unprivileged = process.getuid!() === 0;
    const expected = digests.get("node");
    assert.is(digest("a", { umask: "077", env: { TZ: "Asia/Kathmandu", LANG: "tr_TR.UTF-8", LC_ALL: "C" } }), expected);
    assert.is(digest("b", { umask: "000", env: { TZ: "UTC+7", PATH: `/nowhere:${process.env["PATH"]}` } }), expected);
    assert.is(digest("c", { umask: "002", unprivileged }), expected);
  } finally {
    folder.dispose();
  }
});

test.run();
