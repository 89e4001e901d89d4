// @runtimes node
import * as assert from "uvu/assert";
import { lintStructure } from "../../scripts/lint-structure.ts";
import { parseSource } from "../../scripts/lint/source-file.ts";
import { suite } from "../harness.ts";

const packages = {
  runtime: new Set(["tapable", "zx"]),
  bundled: new Set(["tar-stream", "valibot"]),
  commonJs: new Set(["tar-stream"]),
};
const test = suite("scripts/lint-structure");

// [what is refused, the file, its text, what is said]
const refused: readonly (readonly [string, string, string, RegExp])[] = [
  ["core importing a plugin", "core/plan/a.ts", 'import "../../plugins/x/index.ts";', /core knows no plugin/],
  [
    "core importing a plugin's type",
    "core/tree/a.ts",
    'import type { A } from "../../plugins/x/a.ts";',
    /core knows no plugin/,
  ],
  [
    "core importing a test",
    "core/tree/a.ts",
    'import "../../test/harness.ts";',
    /core knows no plugin, test or script/,
  ],
  ["the model importing another room", "core/model/a.ts", 'import "../tar/header.ts";', /runs up to core\/tar/],
  [
    "the model importing FileTree's type",
    "core/model/a.ts",
    'import type { F } from "../tree/file-tree.ts";',
    /runs up to core\/tree/,
  ],
  ["the model importing a package", "core/model/a.ts", 'import "valibot";', /core\/model imports "valibot"/],
  ["a plugin reaching into core", "plugins/x/a.ts", 'import "../../core/tar/header.ts";', /core\/index\.ts only/],
  ["a plugin importing another", "plugins/x/a.ts", 'import "../y/index.ts";', /The plugin x imports "\.\.\/y/],
  ["a plugin importing the list of plugins", "plugins/x/a.ts", 'import "../index.ts";', /The plugin x imports/],
  ["a re-export of another plugin", "plugins/x/a.ts", 'export * from "../y/index.ts";', /The plugin x imports/],
  ["an import type of another plugin", "plugins/x/a.ts", 'type A = import("../y/a.ts").A;', /The plugin x imports/],
  ["an import without extension", "core/tree/a.ts", 'import "./b";', /relative imports end in \.ts/],
  ["an undeclared package", "core/tree/a.ts", 'import "left-pad";', /"left-pad" is no dependency/],
  [
    "a file of an undeclared package",
    "core/tree/a.ts",
    'import "../../node_modules/left-pad/index.js";',
    /"left-pad" is no dependency/,
  ],
  ["a package for development", "plugins/x/a.ts", 'import ts from "typescript";', /"typescript" is no dependency/],
  ["this package by its name", "plugins/x/a.ts", 'import "image-dsl/plugin";', /this package itself/],
  [
    "names from import() of bundled CommonJS",
    "core/tree/a.ts",
    'const { a } = await import("tar-stream");',
    /once bundled/,
  ],
  ["a name from import() of bundled CommonJS", "core/tree/a.ts", '(await import("tar-stream")).a;', /once bundled/],

  ["a square of the text", "core/tree/a.ts", "const a = /[ ]+$/;", /with the square of the text/],
  ["an exponential", "plugins/x/a.ts", "const a = /^(a+)+b/;", /grows exponentially/],
  ["alternatives that are the same", "core/tree/a.ts", "const a = /^(?:ab|ab)*c/;", /repeats \(\?:ab\|ab\)/],
  ["alternatives that begin alike, some times", "core/tree/a.ts", "const a = /^(?:a|aa){1,40}b/;", /begin alike/],
  ["an alternative that may be empty", "plugins/x/a.ts", "const a = /^(?:x(?:y|b?))*c/i;", /begin alike/],
  ["an expression that is put together", "plugins/x/a.ts", "new RegExp(`^${name}`);", /put together/],
  ["one without new", "plugins/x/a.ts", "RegExp(name);", /put together/],

  ["what goes to the screen by itself", "plugins/x/a.ts", "process.stderr.write(name);", /one way to the screen/],
  ["the console", "core/tree/a.ts", "console.error(name);", /one way to the screen/],

  ["the environment", "core/tree/a.ts", "const a = process.env;", /process\.env is a hidden input/],
  ["the environment through globalThis", "core/tree/a.ts", "globalThis.process.env;", /process\.env is a hidden input/],
  ["the environment, taken apart", "core/tree/a.ts", "const { env } = process;", /process as a whole/],
  ["the working directory", "plugins/x/a.ts", "process.cwd();", /process\.cwd/],
  ["the umask", "core/tree/a.ts", "process.umask();", /process\.umask/],
  ["the clock", "core/tree/a.ts", "Date.now();", /Date\.now/],
  ["the clock as a date", "core/tree/a.ts", "new Date();", /new Date\(\) without a time/],
  ["the clock as text", "core/tree/a.ts", "Date();", /Date\(\)/],
  ["the timer's clock", "core/tree/a.ts", "performance.now();", /performance\.now/],
  ["chance", "core/tree/a.ts", "Math.random();", /Math\.random/],
  ["chance by crypto", "core/tree/a.ts", 'import { randomUUID } from "node:crypto";', /randomUUID is chance/],
  ["the host's facts", "core/tree/a.ts", 'import { cpus } from "node:os";', /"node:os" tells of the host/],
  ["the locale's order", "core/tree/a.ts", '["a"].sort((a, b) => a.localeCompare(b));', /\.localeCompare\(\)/],
  ["the locale's numbers", "core/tree/a.ts", "(1).toLocaleString();", /\.toLocaleString\(\)/],
  ["Intl", "core/tree/a.ts", 'new Intl.NumberFormat("en");', /Intl is a hidden input/],
  ["a child process", "core/tree/a.ts", 'import { spawn } from "node:child_process";', /core\/process only/],
  ["a socket", "plugins/x/a.ts", 'import { request } from "node:https";', /only core\/http/],
  ["fetch", "core/store/a.ts", 'await fetch("x");', /fetch opens sockets/],
  ["fetch handed on", "core/store/a.ts", "export const get = { fetch };", /fetch opens sockets/],
  ["a runtime's own gzip", "core/tree/a.ts", 'import { createGzip } from "node:zlib";', /createGzip of node:zlib/],
  ["all of zlib", "core/tree/a.ts", 'import * as zlib from "node:zlib";', /the whole module of node:zlib/],

  ["any", "test/a.test.ts", "const a: any = 1;", /any switches checking off/],
  ["an ignored error", "core/tree/a.ts", "// @ts-ignore\nconst a = 1;", /@ts-ignore hides an error/],
  ["an expected error outside the type tests", "core/tree/a.ts", "// @ts-expect-error\na;", /@ts-expect-error hides/],
  ["a file that says nothing of itself", "core/tree/silent.ts", "export {};", /no first comment/],
  ["a long file", "core/tree/a.ts", "a;\n".repeat(301), /302 lines, more than 300/],
  ["a name without a subject", "core/tree/utils.ts", "", /"utils" names no subject/],
  ["a folder without a subject", "plugins/helpers/a.ts", "", /"helpers" names no subject/],
  ["a name in camel case", "core/tree/fileTree.ts", "", /"fileTree" is not kebab-case/],
];

for (const [what, path, text, message] of refused) {
  test(`refused: ${what}`, () => {
    const problems = lint({ [path]: path === "core/tree/silent.ts" ? text : `/** What it is for. */\n${text}` });
    assert.is(problems.length, 1, JSON.stringify(problems));
    assert.match(problems[0] ?? "", message);
  });
}

const allowed: readonly (readonly [string, string, string])[] = [
  ["core importing core and packages", "core/tree/a.ts", 'import "../model/b.ts"; import "zx"; import "tar-stream";'],
  ["a plugin importing core's index and itself", "plugins/x/a.ts", 'import "../../core/index.ts"; import "./b.ts";'],
  ["the list of plugins importing them", "plugins/index.ts", 'export * from "./x/index.ts"; import "../core/a.ts";'],
  ["the bin importing core and plugins", "plugins/cli.ts", 'import "../core/cli/main.ts"; import "./x/index.ts";'],
  ["the environment in the host's room", "core/host.ts", "process.env;"],
  ["the working directory in the command line", "core/cli/build.ts", "process.cwd();"],
  ["a date from a number", "core/tree/a.ts", "new Date(0).toISOString();"],
  ["a child process in its room", "core/process/a.ts", 'import { spawn } from "node:child_process"; process.pid;'],
  ["sockets in core/http", "core/http/a.ts", 'import { request } from "node:https"; await fetch("x");'],
  ["a parameter called fetch", "core/tree/a.ts", "export const get = (fetch: () => void) => fetch();"],
  [
    "a property called process",
    "core/tree/a.ts",
    "const a = { process: 1 }; a.process; interface B { process: string }",
  ],
  ["reading gzip", "core/tree/a.ts", 'import { createGunzip } from "node:zlib";'],
  ["import() of a bundled ES module", "core/tree/a.ts", 'const { a } = await import("valibot");'],
  [
    "import() of bundled CommonJS by its default",
    "core/tree/a.ts",
    'const { default: a } = await import("tar-stream");',
  ],
  ["a long file with its reason", "core/tree/table.ts", `// Long because it is one table\n${"a;\n".repeat(400)}`],
  ["expected errors in the type tests", "test/types/a.ts", "// @ts-expect-error a string Cmd is refused\na;"],
  ["text that looks like a comment", "test/a.test.ts", "const a = `\n// @ts-ignore\n`;"],
  ["clock and environment in scripts and tests", "scripts/a.ts", "Date.now(); process.env;"],
];

for (const [what, path, text] of allowed) {
  test(`allowed: ${what}`, () => {
    assert.equal(lint({ [path]: text.startsWith("//") ? text : `/** What it is for. */\n${text}` }), []);
  });
}

test("a cycle is told with its whole way round, once", () => {
  const problems = lint({
    "core/tree/a.ts": '// A.\nimport "./b.ts";',
    "core/tree/b.ts": '// B.\nimport "./c.ts";',
    "core/tree/c.ts": '// C.\n\nexport * from "./a.ts";',
  });
  assert.equal(problems.length, 1);
  assert.match(
    problems[0] ?? "",
    /^core\/tree\/c\.ts:3: Import cycle core\/tree\/a\.ts → core\/tree\/b\.ts → core\/tree\/c\.ts → core\/tree\/a\.ts;/,
  );
});

test("an import of types or a lazy one closes a cycle like any other", () => {
  const back = (text: string) =>
    lint({ "core/tree/a.ts": '// A.\nimport "./b.ts";', "core/tree/b.ts": `// B.\n${text}` });
  for (const text of [
    'import type { A } from "./a.ts";',
    'import { type A } from "./a.ts";',
    'void import("./a.ts");',
  ]) {
    assert.match(
      back(text).join(),
      /^core\/tree\/b\.ts:2: Import cycle core\/tree\/a\.ts → core\/tree\/b\.ts → core\/tree\/a\.ts/,
    );
  }
});

test("an import that runs up a floor of core, or sideways, is refused, one of types too", () => {
  const from = (path: string, text: string) => lint({ [path]: `// A.\n${text}` }).join();
  assert.match(
    from("core/run/a.ts", 'import "../engine/b.ts";'),
    /core\/run imports "\.\.\/engine\/b\.ts", which runs up/,
  );
  assert.match(from("core/tree/a.ts", 'import type { B } from "../image/b.ts";'), /which runs up to core\/image/);
  assert.match(from("core/plan/a.ts", 'import "../run/b.ts";'), /which runs sideways to core\/run/);
  assert.match(from("core/cli/a.ts", 'import "../index.ts";'), /runs up to core\/index\.ts/);
  assert.match(from("core/attic/a.ts", "export {};"), /core\/attic stands on no floor/);
  assert.is(from("core/engine/a.ts", 'import "../plan/b.ts"; import "./stages/c.ts"; import "../error.ts";'), "");
});

test("problems come with file and line, in order", () => {
  const problems = lint({
    "core/tree/b.ts": "// B.\n\nDate.now();\nMath.random();",
    "core/tree/a.ts": "// A.\nprocess.env;",
  });
  assert.equal(
    problems.map((problem) => problem.split(": ")[0]),
    ["core/tree/a.ts:2", "core/tree/b.ts:3", "core/tree/b.ts:4"],
  );
});

test.run();

function lint(files: Readonly<Record<string, string>>): readonly string[] {
  const sources = Object.entries(files).map(([path, text]) => parseSource(path, text));
  return lintStructure(sources, packages).map(({ path, line, message }) => `${path}:${line}: ${message}`);
}
