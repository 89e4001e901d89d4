// @runtimes node
/** What `bunApp` and `denoApp` make of a project, where it is otherwise than `nodeApp`'s. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError, Source } from "../../../core/index.ts";
import { bunApp, denoApp, type DenoAppOptions } from "../../../plugins/apps/index.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("plugins/apps/other-runtimes");

function project(files: Readonly<Record<string, string | object>>): string {
  const folder = tmp();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return folder;
}

const bunOf = (manifest: object, files: Readonly<Record<string, string>> = {}) =>
  bunApp({ dir: project({ "package.json": { name: "a", ...manifest }, "src/a.ts": "", "index.ts": "", ...files }) });
const denoOf = (files: Readonly<Record<string, string | object>>, options: DenoAppOptions = {}) =>
  denoApp({ dir: project({ "main.ts": "", "src/a.ts": "", ...files }), ...options });
const versionOf = (contents: readonly Source[], kind: string): unknown =>
  (contents.find((each) => each.kind === kind)!.options as { readonly version: string }).version;

function refusal(act: () => unknown): ImageDslError {
  try {
    act();
  } catch (error) {
    return error as ImageDslError;
  }
  throw new Error("nothing was refused");
}

test("Bun is started as the start script says it, or with package.json's module, and runs TypeScript as it is", () => {
  const cmd = (manifest: object): readonly string[] => bunOf(manifest).cmd;
  assert.equal(cmd({ scripts: { start: "bun --smol src/a.ts -p 1" } }), ["bun", "--smol", "src/a.ts", "-p", "1"]);
  assert.equal(cmd({ scripts: { start: "bun run src/a" } }), ["bun", "run", "src/a.ts"]);
  assert.equal(cmd({ module: "src/a.ts", main: "index.ts" }), ["bun", "src/a.ts"]);
  const hot = refusal(() => cmd({ scripts: { start: "bun --hot src/a.ts" }, module: "src/a.ts", main: "index.ts" }));
  assert.match(hot.hint ?? "", 'entry: "src/a.ts"');
  assert.equal(cmd({}), ["bun", "index.ts"]);
  const { user, contents } = bunOf({}, { ".bun-version": "1.2\n" });
  assert.equal(user, { name: "bun", uid: 1000, gid: 1000, home: "/home/bun" });
  assert.is(versionOf(contents, "bun"), "1.2");
  assert.is(versionOf(bunOf({ engines: { bun: ">=1.1" } }).contents, "bun"), "1");
});

test("Deno is started as its task says, with what that allows; else with all rights that the container has", () => {
  const tasks = { start: "deno run --allow-net -c deno.json src/a.ts x" };
  assert.equal(
    denoOf({ "deno.json": { name: "@me/a", tasks } }).cmd,
    "deno run --allow-net -c deno.json src/a.ts x".split(" "),
  );
  assert.equal(
    denoOf({ "deno.json": { name: "a", tasks: { start: { command: "deno serve --port 80 src/a.ts" } } } }).cmd,
    "deno serve --port 80 src/a.ts".split(" "),
  );
  const app = denoOf({ "deno.json": { name: "@me/a", exports: { ".": "./src/a.ts" } }, "package.json": { name: "b" } });
  assert.equal(app.cmd, ["deno", "run", "--allow-all", "src/a.ts"]);
  assert.is(app.name, "me/a");
  assert.is(versionOf(app.contents, "deno"), "2");
  assert.equal(denoOf({ "package.json": { name: "b" } }).cmd, ["deno", "run", "--allow-all", "main.ts"]);
});

test("what Deno would fetch when the app starts is refused, with its line and where it has to go", () => {
  const imports = (target: string): object => ({ name: "a", imports: { std: "./std/", hono: target } });
  const npm = refusal(() => denoOf({ "deno.json": imports("npm:hono@4"), "package.json": { name: "a" } }));
  assert.match(npm.message, 'imports "hono" as npm:hono@4, which Deno would fetch anew');
  assert.match(npm.hint ?? "", `"nodeModulesDir": "none"`);
  assert.is(npm.place?.line, 5);
  assert.match(refusal(() => denoOf({ "deno.json": imports("jsr:@std/http@1") })).hint ?? "", '"vendor": true');
  assert.ok(denoOf({ "deno.json": { ...imports("jsr:@std/http@1"), vendor: true } }));
  assert.ok(denoOf({ "deno.json": imports("npm:hono@4") }, { dependencies: false }));
});

test("what deno.json imports of npm comes by deno.lock, into Deno's cache, and nothing is fetched at the start", () => {
  const json = { name: "a", imports: { hono: "npm:hono@4", logger: "npm:/hono@4/logger", ms: "npm:ms" } };
  const app = denoOf({ "deno.json": json, "deno.lock": "{}" });
  assert.equal(app.cmd, ["deno", "run", "--allow-all", "--cached-only", "main.ts"]);
  assert.is(app.env!["DENO_DIR"], "/deno-dir");
  const { options } = app.contents!.find(({ kind }) => kind === "deno-packages")! as { options: { imports: string[] } };
  assert.equal(options.imports, ["npm:hono@4", "npm:hono@4", "npm:ms@*"]);
  const rows: readonly [object, string, string][] = [
    [{ nodeModulesDir: "auto" }, "says that npm's packages lie in node_modules", '"nodeModulesDir": "none"'],
    [{ vendor: true }, "says that npm's packages lie in node_modules", '"nodeModulesDir": "none"'],
    [{ lock: "other.lock" }, "has a lock of its own", 'Take "lock" out'],
  ];
  for (const [more, message, hint] of rows) {
    const refused = refusal(() => denoOf({ "deno.json": { ...json, ...more }, "deno.lock": "{}" }));
    assert.match(refused.message, message);
    assert.match(refused.hint ?? "", hint);
  }
  assert.match(
    refusal(() => denoOf({ "deno.json": json })).message,
    'imports "hono" as npm:hono@4, and there is no deno.lock',
  );
});

test("what package.json names comes by deno.lock too, where deno.json says that there is no node_modules", () => {
  const files = {
    "deno.json": { name: "a", imports: { hono: "npm:hono@4" }, nodeModulesDir: "none" },
    "package.json": { name: "b", dependencies: { ms: "^2.1.3" }, devDependencies: { old: "npm:ms@2.0.0" } },
    "deno.lock": "{}",
  };
  const { contents = [] } = denoOf(files);
  assert.not(contents.some(({ kind }) => kind === "npm"));
  const { options } = contents.find(({ kind }) => kind === "deno-packages")! as { options: { imports: string[] } };
  assert.equal(options.imports.toSorted(), ["npm:hono@4", "npm:ms@2.0.0", "npm:ms@^2.1.3"]);
  const { nodeModulesDir: _, imports: __, ...other } = files["deno.json"];
  assert.ok(denoOf({ ...files, "deno.json": other }).contents!.some(({ kind }) => kind === "npm"));
});

test("deno.json and deno.jsonc may have comments", () => {
  const text = '{\n  // "name": "b",\n  "name": "a", /* { */\n  "imports": { "x": "jsr:@a//b", },\n}';
  const refused = refusal(() => denoOf({ "deno.jsonc": text }));
  assert.match(refused.message, 'imports "x" as jsr:@a//b');
  assert.is(refused.place?.line, 4);
  assert.is(denoOf({ "deno.json": text }, { dependencies: false }).name, "a");
});

test("a project without its file, or whose file cannot be read, is told what to do", () => {
  assert.match(refusal(() => denoOf({})).message, /There is no .*package\.json/);
  assert.match(
    refusal(() => denoApp({ dir: project({ "deno.json": { name: "a", tasks: { start: "vite" } } }) })).message,
    'tasks.start, "vite", is not "deno run FILE" alone',
  );
});

test.run();
