import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { moduleGraphDigest } from "../../../core/config/module-graph.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("config/module-graph");

const PROJECT = {
  "image.config.ts": `import { a } from "./lib/a.ts"; import type { T } from "./types.ts"; import data from "./data.json" with { type: "json" };
    import { defineConfig } from "image-dsl"; import "node:fs"; import pkg from "pkg"; import h from "#helper"; import s from "@aliased"; const x: number = a as number;
    const late = () => import("./late.mjs"); export default defineConfig({ a, data, x, late, pkg, h, s });`,
  "lib/a.ts": `export { b as a } from "./b.js"; import "../image.config.ts";`,
  "lib/b.js": "export const b = 1;",
  "late.mjs": "export {};",
  "types.ts": "export type T = 1;",
  "data.json": "{}",
  "helper.ts": "export default 1;",
  "aliased.ts": "export default 1;",
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@aliased": ["./aliased.ts"] } } }`,
  "package.json": `{ "imports": { "#helper": { "types": "./x.d.ts", "import": "./helper.ts" } } }`,
  "node_modules/pkg/package.json": `{ "name": "pkg", "version": "1.0.0", "dependencies": { "dep": "*" } }`,
  "node_modules/pkg/index.js": "export default 1;",
  "node_modules/dep/package.json": `{ "name": "dep", "version": "1.0.0" }`,
  "node_modules/dep/index.js": "export default 1;",
  "unrelated.ts": "1",
};

function project(changes: Readonly<Record<string, string>> = {}): string {
  const directory = tmp();
  for (const [name, content] of Object.entries({ ...PROJECT, ...changes })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return join(directory, "image.config.ts");
}

const OPTIONS = { own: new Set(["image-dsl"]), version: "1" };
const digest = async (file: string) => {
  const graph = await moduleGraphDigest(file, OPTIONS);
  if ("unknown" in graph) throw new Error(graph.unknown);
  return graph.digest;
};
const LOCK = JSON.stringify({
  packages: { "node_modules/pkg": { integrity: "sha512-a" }, "node_modules/dep": { integrity: "sha512-b" } },
});

test("the same code in another folder has the same digest", async () => {
  assert.is(await digest(project()), await digest(project()));
});

for (const name of [
  "image.config.ts",
  "lib/a.ts",
  "lib/b.js",
  "late.mjs",
  "data.json",
  "helper.ts",
  "aliased.ts",
  "node_modules/pkg/index.js",
  "node_modules/dep/index.js",
] as const) {
  test(`a change in ${name} changes it`, async () => {
    const more = name.endsWith(".json") ? "{ }" : `${PROJECT[name]}//`;
    assert.is.not(await digest(project({ [name]: more })), await digest(project()));
  });
}

test("a change in what is not imported, or only for its types, does not", async () => {
  assert.is(await digest(project({ "types.ts": "export type T = 2;", "unrelated.ts": "2" })), await digest(project()));
});

test("with a package lock, integrity stands for packages and for what they need", async () => {
  const locked = await digest(project({ "package-lock.json": LOCK }));
  assert.is(await digest(project({ "package-lock.json": LOCK, "node_modules/dep/README": "x" })), locked);
  assert.is.not(await digest(project({ "package-lock.json": LOCK.replace("sha512-b", "sha512-c") })), locked);
  const version = PROJECT["node_modules/dep/package.json"].replace("1.0.0", "1.0.1");
  assert.is.not(await digest(project({ "package-lock.json": LOCK, "node_modules/dep/package.json": version })), locked);
});

test("a package linked from elsewhere counts by its files, lock or not", async () => {
  const linked = (text: string) => {
    const elsewhere = tmp();
    writeFileSync(join(elsewhere, "package.json"), `{ "name": "work", "version": "1.0.0" }`);
    writeFileSync(join(elsewhere, "index.js"), text);
    const file = project({ "image.config.ts": `import "work"; export default 1;`, "package-lock.json": LOCK });
    symlinkSync(elsewhere, join(dirname(file), "node_modules/work"));
    return file;
  };
  assert.is(await digest(linked("1")), await digest(linked("1")));
  assert.is.not(await digest(linked("1")), await digest(linked("2")));
});

const UNKNOWN: readonly (readonly [string, string, RegExp])[] = [
  ["a computed import", "export default 1;\nconst name = 'x';\nimport(name);", /only known when it runs/],
  ["a pattern", "import(`./lib/${1}.ts`);", /only known when it runs/],
  ["a missing file", `import "./none.ts";`, /is no file/],
  ["a missing package", `import "none";`, /not installed/],
  ["CommonJS", `import "./old.cjs";`, /no ES module/],
  ["an address", `import "https://example.com/x.js";`, /address/],
  ["an unknown #name", `import "#none";`, /no package.json above it/],
];
for (const [what, source, why] of UNKNOWN) {
  test(`${what} makes it unknown, and says why`, async () => {
    const file = project({ "image.config.ts": source, "old.cjs": "" });
    const graph = await moduleGraphDigest(file, OPTIONS);
    assert.ok("unknown" in graph);
    assert.match("unknown" in graph ? graph.unknown : "", why);
  });
}

test("the place of an import that cannot be known is its line", async () => {
  const file = project({ "image.config.ts": "export default 1;\nconst name = 'x';\nimport(name);" });
  const graph = await moduleGraphDigest(file, OPTIONS);
  assert.equal("place" in graph && graph.place, { file, line: 3 });
});

test.run();
