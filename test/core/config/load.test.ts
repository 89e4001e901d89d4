import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { findAndLoadConfig } from "../../../core/config/load.ts";
import type { OwnExports } from "../../../core/config/own-exports.ts";
import { ImageDslError, FileTree } from "../../../core/index.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("config/load");

const root = join(import.meta.dirname, "../../..");
const plugin = pathToFileURL(join(root, "core/index.ts")).href;
const exports: OwnExports = {
  packageRoot: root,
  version: "0.0.0",
  urls: new Map([
    ["image-dsl", plugin],
    ["image-dsl/plugin", plugin],
  ]),
};

function project(files: Readonly<Record<string, string>>): string {
  const directory = tmp();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

function load(directory: string, file?: string) {
  return findAndLoadConfig(directory, file, { exports, cacheDirectory: join(directory, ".cache") });
}

async function failure(directory: string, file?: string): Promise<ImageDslError> {
  try {
    await load(directory, file);
  } catch (error) {
    if (error instanceof ImageDslError) return error;
    throw error;
  }
  throw new Error("It loaded");
}

test("a config without image-dsl beside it gets the running program's own classes", async () => {
  const directory = project({
    "image.config.ts": `
      import { FileTree, defineConfig } from "image-dsl";
      import * as plugin from "image-dsl/plugin";
      import { name } from "./parts/name.ts";
      import type { Nothing } from "./not-there";
      const late = await import("./parts/late.ts");
      type Name = string;
      const typed: Name = name;
      export default { FileTree, same: plugin.FileTree === FileTree, typed, late: late.value, made: typeof defineConfig } satisfies object;
    `,
    "parts/name.ts": `export const name: string = "redis";`,
    "parts/late.ts": `import { FileTree } from "image-dsl/plugin"; export const value: unknown = FileTree;`,
  });
  const { value, file, directory: base } = await load(directory);
  assert.is(file, join(directory, "image.config.ts"));
  assert.is(base, directory);
  assert.equal(value, { FileTree, same: true, typed: "redis", late: FileTree, made: "function" });
});

test('"type": "commonjs", which npm init writes, does not stop an ES module config', async () => {
  for (const name of ["image.config.ts", "image.config.js", "image.config.mjs", "image.config.mts"]) {
    const directory = project({
      "package.json": `{ "name": "x", "type": "commonjs" }`,
      [name]: `import { FileTree } from "image-dsl"; import { one } from "./one.js"; export default [FileTree, one];`,
      "one.js": "export const one = 1;",
    });
    assert.equal((await load(directory)).value, [FileTree, 1], name);
  }
});

test("a plugin from node_modules that imports image-dsl/plugin gets the same classes", async () => {
  const directory = project({
    "image.config.ts": `import { tree } from "outside"; export default tree;`,
    "node_modules/outside/package.json": `{ "name": "outside", "type": "module", "exports": "./index.js" }`,
    "node_modules/outside/index.js": `import { FileTree } from "image-dsl/plugin"; export const tree = FileTree.empty;`,
  });
  assert.is((await load(directory)).value, FileTree.empty);
});

test("JSON, package imports and literal dynamic imports work alike", async () => {
  const directory = project({
    "package.json": `{ "type": "module", "imports": { "#shared": "./shared.ts" } }`,
    "image.config.ts": `
      import data from "./data.json" with { type: "json" };
      import { shared } from "#shared";
      import { readFileSync } from "node:fs";
      export default [data.a, shared, typeof readFileSync];
    `,
    "shared.ts": `export const shared: number = 2;`,
    "data.json": `{ "a": 1 }`,
  });
  assert.equal((await load(directory)).value, [1, 2, "function"]);
});

test("the search goes up to the project's root and no further", async () => {
  const directory = project({
    "image.config.json": `{ "outer": true }`,
    "inner/package.json": "{}",
    "inner/image.config.json": `{ "inner": true }`,
    "inner/src/deep/x": "",
    "bare/package.json": "{}",
    "bare/src/x": "",
  });
  assert.equal((await load(join(directory, "inner/src/deep"))).value, { inner: true });
  assert.is((await failure(join(directory, "bare/src"))).code, "E_CONFIG_NOT_FOUND");
});

test("package.json holds a config or the path of one", async () => {
  const directory = project({
    "package.json": `{ "image-dsl": "./images/site.config.ts" }`,
    "images/site.config.ts": `export default "site";`,
    "other/package.json": `{ "image-dsl": { "images": {} } }`,
    "broken/package.json": `{ "image-dsl": `,
  });
  const found = await load(directory);
  assert.is(found.value, "site");
  assert.is(found.directory, join(directory, "images"));
  assert.equal((await load(join(directory, "other"))).value, { images: {} });
  assert.is((await failure(join(directory, "broken"))).code, "E_CONFIG_LOAD");
});

test("--config names a file, and says what is wrong with it", async () => {
  const directory = project({
    "a.config.mjs": "export default 1;",
    "b.yaml": "",
    "c.json": "{",
    "d.json": `"e.json"`,
    "e.json": `"c.json"`,
  });
  assert.is((await load(directory, "a.config.mjs")).value, 1);
  assert.is((await failure(directory, "missing.ts")).code, "E_CONFIG_NOT_FOUND");
  for (const file of ["b.yaml", "c.json", "d.json"])
    assert.is((await failure(directory, file)).code, "E_CONFIG_LOAD", file);
});

test("what only some runtimes resolve is refused, with file, line and mend", async () => {
  const cases: readonly (readonly [string, RegExp, number, Readonly<Record<string, string>>?])[] = [
    [`\nimport { a } from "./parts/a";`, /Write "\.\/parts\/a\.ts"/, 2],
    [`import { a } from "./parts/a.js";`, /Write "\.\/parts\/a\.ts"/, 1],
    [`import { a } from "./parts";`, /Write "\.\/parts\/index\.ts"/, 1],
    [`import { a } from "./nowhere.ts";`, /file that exists/, 1],
    [`import data from "./data.json";`, /with \{ type: "json" \}/, 1],
    [`\n\nconst data = await import("./data.json");`, /second argument/, 3],
    [`import { a } from "npm:left-pad";`, /import it by its name/, 1],
    [`import { a } from "image-dsl/plugn";`, /image-dsl\/plugin/, 1],
    [`import { a } from "./view.tsx";`, /\.ts file/, 1],
  ];
  for (const [source, hint, line] of cases) {
    const directory = project({
      "image.config.ts": `${source}\nexport default 1;`,
      "parts/a.ts": "export const a = 1;",
      "parts/index.ts": "export const a = 1;",
      "view.tsx": "export const a = 1;",
      "data.json": "{}",
    });
    const error = await failure(directory);
    assert.is(error.code, "E_CONFIG_IMPORT", source);
    assert.match(error.hint ?? "", hint, source);
    const lineText = source.split("\n")[line - 1]!;
    const column = lineText.indexOf('"') + 2;
    const { column: found = 0, ...place } = error.place ?? {};
    // Of import(), the quotes are part of it.
    assert.ok(found === column || found === column - 1, `${found}: ${source}`);
    assert.equal(place, { file: join(directory, "image.config.ts"), line, lineText }, source);
  }
});

/** As people write them: an alias with a star, one of a file, an index, `.js` for `.ts`, baseUrl, and a tsconfig that extends. */
const ALIASED = {
  "tsconfig.base.json": `{ "compilerOptions": { "paths": { "@/*": ["./parts/*"], "~one": ["./nowhere.ts", "./parts/one.ts"] } } }`,
  "tsconfig.json": `{ // comments and trailing commas are TypeScript's custom
    "extends": "./tsconfig.base.json", "compilerOptions": { "baseUrl": "." }, }`,
  "image.config.ts": `
    import { one } from "@/one"; import { one as same } from "~one"; import { two } from "@/two.js"; import sub from "@/sub";
    import { based } from "lib/based"; import data from "@/data.json" with { type: "json" };
    import type { T } from "@/types-only";
    const late = await import("@/late.ts");
    export default [one === same, two, sub, based, data, late.default] as T[];`,
  "parts/one.ts": `export const one: object = {};`,
  "parts/two.ts": `import { one } from "~one"; export const two: boolean = typeof one === "object";`,
  "parts/sub/index.ts": `export default "index";`,
  "parts/data.json": `[1]`,
  "parts/late.ts": `export default "late";`,
  "lib/based.ts": `export const based = "base";`,
  "package.json": "{}",
};

test("a tsconfig's paths and baseUrl are resolved, as tsx resolves them", async () => {
  const directory = project(ALIASED);
  const { value } = await load(directory);
  assert.equal(value, [true, true, "index", "base", [1], "late"]);
  // The referee, on whatever runs this.
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  writeFileSync(join(directory, "say.ts"), `import said from "./image.config.ts"; console.log(JSON.stringify(said));`);
  writeFileSync(join(directory, "package.json"), `{ "type": "module" }`);
  const said = execFileSync("node", [tsx, "say.ts"], { cwd: directory }).toString();
  assert.is(said.trim(), JSON.stringify(value));
});

test("an alias that could be two things, or is nothing, is refused where it is imported", async () => {
  const both = project({ ...ALIASED, "node_modules/~one/package.json": "{}" });
  const { message, place, hint } = await failure(both);
  assert.match(message, 'Import of "~one" is an installed package, and "./parts/one.ts" by tsconfig.json');
  assert.is(place?.line, 2);
  assert.is(hint, "Give the alias another name in tsconfig.json");

  const none = await failure(project({ ...ALIASED, "parts/two.ts": `import "@/three"; export const two = 2;` }));
  assert.match(none.message, 'Import of "@/three" is neither installed nor a file');
  assert.match(none.hint!, 'By tsconfig.json it would be "./three"');
  assert.match(none.place?.file ?? "", /two\.ts$/);

  const broken = await failure(project({ ...ALIASED, "tsconfig.base.json": `{ "extends": "./gone.json" }` }));
  assert.match(broken.message, /The tsconfig\.json for ".*image\.config\.ts" cannot be read: /);
});

test("an import inside an imported file is judged too", async () => {
  const directory = project({
    "image.config.ts": `import "./a.ts"; export default 1;`,
    "a.ts": `\nimport "./b";`,
    "b.ts": "",
  });
  const error = await failure(directory);
  assert.equal(error.place, { file: join(directory, "a.ts"), line: 2, column: 9, lineText: `import "./b";` });
});

test("a config that throws is told with its file and line", async () => {
  const directory = project({
    "image.config.ts": `import { boom } from "./boom.ts";\n\nexport default boom();`,
    "boom.ts": `type Unused = string;\nexport function boom(): Unused {\n  throw new Error("No credentials");\n}`,
  });
  const error = await failure(directory);
  assert.is(error.code, "E_CONFIG_LOAD");
  assert.match(error.message, /"image\.config\.ts" failed while it was loaded: No credentials/);
  const { column = 0, lineText, ...place } = error.place ?? {};
  assert.equal(place, { file: join(directory, "boom.ts"), line: 3 });
  assert.is(lineText, `  throw new Error("No credentials");`);
  assert.ok(column >= 9 && column <= 13);
});

test("a config that cannot be read, is empty or exports nothing is told", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["export default {\n  a: [1,\n", /image\.config\.ts/],
    ["", /is empty/],
    ["const a = 1;\n", /exports nothing/],
    ["module.exports = {};\n", /exports nothing/],
    ["export const a = 1;\n", /no default export/],
    [`import { x } from "not-installed-anywhere"; export default x;`, /not-installed-anywhere/],
  ];
  for (const [source, message] of cases) {
    const error = await failure(project({ "image.config.ts": source, "package.json": "{}" }));
    assert.is(error.code, "E_CONFIG_LOAD", source);
    assert.match(error.message, message, source);
    assert.match(error.place?.file ?? "", /image\.config\.ts$/, source);
  }
});

test("a config that fails with a system error is not taken for a missing one", async () => {
  const directory = project({
    "image.config.ts": `import { readFileSync } from "node:fs"; export default readFileSync("/does/not/exist");`,
  });
  const error = await failure(directory);
  assert.is(error.code, "E_CONFIG_LOAD");
  assert.match(error.message, /ENOENT/);
});

test.run();
