// @runtimes node
/** Where a config's own code fails: file, line, column and the line itself, on all runtimes, of the TypeScript as it was written. */
import * as assert from "uvu/assert";
import { RUNTIMES } from "../../scripts/runtimes.ts";
import { requireTool, suite, tmp } from "../harness.ts";
import { runCli, writeProject } from "./support.ts";

const test = suite("e2e/error-places", { timeout: 120_000 });

const env = { IMAGE_DSL_CACHE: tmp() };

/** Types before it and beside it, so that what runs has other columns. */
const PROJECT = {
  "broken.ts": `export const a: number = 1;\nexport default { a: [ ) };\n`,
  "loaded.ts": `import { fail } from "./own/fail.ts";\nexport default fail("loading" as string);\n`,
  "own/fail.ts": `export interface Unused {
  readonly a: string;
}
export function fail(what: string): never {
\tconst told: string = what as string; if (told !== "") throw new Error(\`\${told} fails\`);
\tthrow new Error("nothing");
}
`,
  "image.config.ts": `import { buildLayeredImage, files, image, step, text, type ScriptContext } from "image-dsl";
import { fail } from "./own/fail.ts";

interface Choice {
  readonly args: Readonly<Record<string, string | undefined>>;
}

export default ({ args }: Choice) => {
  if (args["which"] === "images") fail("images()" as string);
  const content = {
    filter: (): unknown => files("own", { filter: (path: string): boolean => fail(path as string) }),
    step: () => step({ run: async ({ out }: { out: string }) => { fail("the step" + (out as string).slice(0, 0)); } }),
    command: () => step({ run: async ({ $ }: ScriptContext) => { const a = 1 as number; await $\`exit \${a as number + 6}\`; } }),
  }[args["which"] as string] ?? (() => text("/a", "1"));
  const contents = [content() as ReturnType<typeof text>];
  if (args["which"] !== "script") return image({ name: "a", contents });
  return buildLayeredImage({ name: "a", contents, extraCommands: ({ id }) => void id("nobody" as string) });
};
`,
};

const FAIL = 'const told: string = what as string; if (told !== "") throw new Error(`${told} fails`);';

/** What is run, the file and line that are told, the line, and the word that the caret stands at, or in, as runtimes have it. */
const FAULTS: readonly (readonly [
  args: readonly string[],
  file: string,
  line: number,
  text: string,
  word: string,
  said: string,
])[] = [
  [["-c", "broken.ts"], "broken.ts", 2, "export default { a: [ ) };", ") }", "cannot be read: "],
  [["-c", "loaded.ts"], "own/fail.ts", 5, FAIL, "new Error(", "loading fails"],
  [["--arg", "which=images"], "own/fail.ts", 5, FAIL, "new Error(", "images() fails"],
  [
    ["--arg", "which=filter"],
    "own/fail.ts",
    5,
    FAIL,
    "new Error(",
    'files("own"): its filter failed for "fail.ts": fail.ts fails',
  ],
  [["--arg", "which=step"], "own/fail.ts", 5, FAIL, "new Error(", "the step fails"],
  [
    ["--arg", "which=command"],
    "image.config.ts",
    13,
    "    command: () => step({ run: async ({ $ }: ScriptContext) => { const a = 1 as number; await $`exit ${a as number + 6}`; } }),",
    "$`exit",
    "exit code 7",
  ],
  [
    ["--arg", "which=script"],
    "image.config.ts",
    17,
    '  return buildLayeredImage({ name: "a", contents, extraCommands: ({ id }) => void id("nobody" as string) });',
    "id(",
    '"nobody"',
  ],
];

for (const runtime of RUNTIMES) {
  test(`${runtime}: what throws is told with its line, and a caret below it`, () => {
    const cwd = writeProject(tmp(), PROJECT);
    for (const [args, file, line, text, word, said] of FAULTS) {
      const { stderr, status } = runCli(["build", "-o", "digest", ...args], { cwd, env, runtime });
      assert.is.not(status, 0);
      assert.ok(stderr.includes(said), `${said}: ${stderr}`);
      const at = new RegExp(
        `^  at ${cwd}/${file}:${line}:(\\d+)(?:, .*)?\n    ${line} │ (.*)\n +╵ (\\s*)\\^$`,
        "m",
      ).exec(stderr);
      assert.ok(at, stderr);
      const [, column = "", shown = "", indent = ""] = at;
      const wanted = file.startsWith("own") ? `\t${text}` : text;
      assert.ok(wanted.includes(shown.trimEnd()), stderr);
      assert.is(indent.replaceAll("\t", " "), " ".repeat(indent.length));
      const first = wanted.indexOf(word);
      const isThere = Number(column) - 1 >= first && Number(column) - 1 < first + word.length;
      assert.ok(isThere, `column ${column} is not in "${word}": ${stderr}`);
      assert.not.match(stderr, /fault of image-dsl|plugin "/);
    }
  });
}

/** Sources, scripts and bases (Bun has no frame of what returns a call as it is) that are wrong or not there, and the place in the config that is told. */
const PARTS: readonly (readonly [part: string, said: string, path: string, line: number, word: string])[] = [
  ["contents: [text('/a', ''), nowhere()]", 'There is no "nowhere"', "contents[1]", 2, "files"],
  ["contents: archive('no.tar')", "no.tar: ENOENT", "contents", 5, "archive"],
  ["contents: archive('broken.tar')", "broken.tar: ", "contents", 5, "archive"],
  [
    "contents: step({ inputs: { src: nowhere() }, run: 'true' })",
    'There is no "nowhere"',
    "contents.inputs.src",
    2,
    "files",
  ],
  ["contents: step({ run: 'exit 3' })", "exit code 3", "contents", 5, "step"],
  ["contents: step({ run: ': < /dev/tcp/example.org/80' })", "There is no network in a step", "contents", 5, "step"],
  ["from: './no.tar'", "no.tar", "from", 5, "from"],
  ["contents: text('/a', 5 as never)", "expected a text, found 5", "contents.contents", 5, "text"],
  ["contents: text('/a', '', { layer: '' })", 'expected "own", "top"', "contents.layer", 5, "layer"],
  ["cmd: 'node x' as never", "expected a list of texts", "cmd", 5, "cmd"],
  [
    "contents: [text('/a', ''), step({ inputs: {}, run: 5 as never })]",
    "expected bash text",
    "contents[1].run",
    5,
    "run",
  ],
  [
    "healthcheck: { cmd: '/a', /* a ' */ interval: '30x' }",
    "expected a duration",
    "healthcheck.interval",
    5,
    "interval",
  ],
];

for (const runtime of RUNTIMES) {
  test(`${runtime}: what is wrong with a part of an image is told where the config calls it`, () => {
    const parts = runtime === "node" ? PARTS : PARTS.slice(0, 1);
    requireTool("bwrap");
    for (const [part, said, path, line, word] of parts) {
      const cwd = writeProject(tmp(), {
        "image.config.ts": `import { archive, files, image, step, text } from "image-dsl";
const nowhere = () => [files("nowhere" as string)][0] as ReturnType<typeof text>;
export default {
  svc: image({ name: "svc",
    ${part} }),
};\n`,
        "broken.tar": "no archive".repeat(100),
      });
      const { stderr, status } = runCli(["build", "-o", "digest"], { cwd, env, runtime });
      assert.is.not(status, 0);
      assert.ok(stderr.includes(said), stderr);
      const [, column = "", places = ""] =
        new RegExp(`^  at ${cwd}/image.config.ts:${line}:(\\d+), (.*)$`, "m").exec(stderr) ?? [];
      assert.is(places, `images.svc.${path}`, stderr);
      const text = stderr.split("\n").find((each) => each.startsWith(`    ${line} │ `)) ?? "";
      assert.is(text.slice(`    ${line} │ `.length + Number(column) - 1).slice(0, word.length), word, stderr);
    }
  });
}

test("several problems at once have a line each", () => {
  const cwd = writeProject(tmp(), {
    "image.config.ts": `import { image, text } from "image-dsl";
const two = text(1 as never, 2 as never);
export default {
  a: image({ nmae: "a", contents: two } as never),
};\n`,
  });
  const { stderr } = runCli(["build", "-o", "digest"], { cwd, env });
  assert.match(stderr, /images\.a\.nmae: is not known; did you mean "name"\? \(image\.config\.ts:4\)/);
  assert.match(stderr, /images\.a\.contents\.path: expected a text, found 1 \(image\.config\.ts:2\)/);
});

test("--json has the place as fields", () => {
  const cwd = writeProject(tmp(), PROJECT);
  const { stdout } = runCli(["build", "-o", "digest", "--json", "--arg", "which=images"], { cwd, env });
  const { type, place } = JSON.parse(stdout.toString().trim().split("\n").at(-1)!) as Record<string, unknown>;
  assert.is(type, "error");
  const column = FAIL.indexOf("new Error") + 2;
  assert.equal(place, { file: `${cwd}/own/fail.ts`, line: 5, column, lineText: `\t${FAIL}` });
});

test.run();
