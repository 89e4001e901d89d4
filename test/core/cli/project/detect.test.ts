/** What `init` makes of small projects of each kind. */
import * as assert from "uvu/assert";
import { configText } from "../../../../core/cli/project/config-text.ts";
import { detectProject, type DetectedProject } from "../../../../core/cli/project/detect.ts";
import type { DetectedApp } from "../../../../core/cli/project/detected-app.ts";
import type { ProjectFiles } from "../../../../core/cli/project/project-files.ts";
import { ImageDslError } from "../../../../core/error.ts";
import { LOCK_NAMES } from "../../../../core/project/project-locks.ts";
import { suite } from "../../../harness.ts";

const test = suite("cli/project/detect");

type Texts = Readonly<Record<string, string | object>>;

function project(texts: Texts, above: readonly string[] = []): ProjectFiles {
  const text = (path: string): string | undefined => {
    const found = texts[path];
    return typeof found === "object" ? JSON.stringify(found) : found;
  };
  const places = new Map(above.map((name) => [name, "apps/web"]));
  const own = LOCK_NAMES.filter(({ name }) => texts[name] !== undefined);
  const locked =
    own.length > 0 || above.length === 0
      ? { member: "", locks: own }
      : { member: "apps/web", locks: LOCK_NAMES.filter(({ name }) => above.includes(name)) };
  return { paths: new Set(Object.keys(texts)), above: places, locked, text };
}

const detect = (texts: Texts, above?: readonly string[]): DetectedProject =>
  detectProject(project(texts, above), "folder");

function only(texts: Texts): DetectedApp {
  const { apps } = detect(texts);
  assert.is(apps.length, 1);
  return apps[0]!;
}

/** A project that depends on these, with a build script. */
const using = (...names: readonly string[]) => ({
  "package.json": {
    name: "web",
    scripts: { build: "make" },
    dependencies: Object.fromEntries(names.map((name) => [name, "1"])),
  },
});

test("what esbuild writes is started, where the build script says which file that is", () => {
  const built = (build: string) =>
    only({ "package.json": { name: "a", scripts: { build } }, "src/server.ts": "" }).shape.entry;
  assert.is(built("esbuild src/server.ts --bundle --platform=node --outdir=out"), "out/server.js");
  assert.is(built("esbuild ./src/server.ts --bundle --outfile=out/app.mjs"), "out/app.mjs");
  assert.is(built("esbuild src/other.ts --outdir=out"), "src/server.ts");
});

test("what tsup and Vite write is started, by their scripts and settings, with the ending that the package's kind of module gives it", () => {
  const built = (build: string, files: Readonly<Record<string, string>> = {}, type = "module") =>
    only({ "package.json": { name: "a", type, scripts: { build } }, "src/server.ts": "", ...files }).shape.entry;
  const rows: readonly [entry: string | undefined, ...given: Parameters<typeof built>][] = [
    ["dist/server.cjs", "tsup src/server.ts"],
    ["dist/server.js", "tsup src/server.ts", {}, "commonjs"],
    ["out/server.js", "tsup ./src/server.ts --format esm,cjs -d out"],
    ["dist/server.mjs", "tsup src/server.ts --format esm", {}, "commonjs"],
    [
      "lib/server.js",
      "tsup",
      { "tsup.config.ts": 'export default { entry: ["src/server.ts"], format: ["esm"], outDir: "lib" }' },
    ],
    ["src/server.ts", "tsup src/other.ts"],
    ["src/server.ts", "tsup src/server.ts", { "tsup.config.ts": "outExtension() {}" }],
    ["dist/server.js", "vite build --ssr src/server.ts"],
    ["out/server.mjs", "vite build --outDir=out --ssr ./src/server.ts", {}, "commonjs"],
    ["build/server.js", "vite build", { "vite.config.js": 'build: { ssr: "./src/server.ts", outDir: "build" }' }],
    ["src/server.ts", "vite build"],
  ];
  for (const [entry, ...given] of rows) assert.is(built(...given), entry, JSON.stringify(given));
});

test("members of one name: other scopes are other targets, and one image for two members is refused", () => {
  const member = (name: string) => ({ name, scripts: { start: "node a.js" } });
  const whole = {
    "package.json": {},
    "pnpm-workspace.yaml": "packages: [apps/*, 'x/*']\n",
    "apps/one/a.js": "",
    "x/two/a.js": "",
  };
  const { apps } = detect({
    ...whole,
    "apps/one/package.json": member("@a/api"),
    "x/two/package.json": member("@b/api"),
  });
  assert.equal(
    apps.map(({ target, image }) => [target, image]),
    [
      ["a-api", "a/api"],
      ["b-api", "b/api"],
    ],
  );
  const twice = { ...whole, "apps/one/package.json": member("api"), "x/two/package.json": member("api") };
  assert.throws(() => detect(twice), /apps\/one and x\/two would both be the image api/);
});

test("Deno beside a package.json, where deno.lock is the only lock", () => {
  const files = {
    "deno.json": { tasks: { start: "deno run main.ts" } },
    "deno.lock": "{}",
    "main.ts": "",
    "package.json": { name: "a" },
  };
  const { program, notes = [] } = only(files).shape;
  assert.is(program, "deno");
  assert.match(notes[0]!, 'say "nodeModulesDir": "none" there');
  assert.is(only({ ...files, "package-lock.json": "{}" }).what, "a Node server");
});

test("Deno without a package.json: what deno.json says, else the usual files; what Deno would fetch at its start is told", () => {
  const task = { tasks: { start: "deno serve --port 9000 --allow-net ./src/api.ts" } };
  const api = only({ "deno.json": { name: "@my/api", ...task }, "src/api.ts": "" });
  assert.equal(api.shape, { program: "deno", port: 9000 });
  assert.equal([api.target, api.image, api.isNamed], ["api", "my/api", false]);
  const plain = only({ "deno.json": {}, "src/app.ts": "Deno.serve(handle)" });
  assert.equal(plain.shape, { program: "deno", entry: "src/app.ts", port: 8000 });
  assert.match(
    configText(detect({ "deno.json": {}, "main.ts": "Deno.serve({ port: 8080 }, handle)" })),
    'import { defineConfig, denoApp, image } from "image-dsl";\n\nexport default defineConfig({\n  folder: image({ ...denoApp({ port: 8080 })',
  );
  const imports = { hono: "npm:hono@4", std: "jsr:@std/http@1", own: "./own.ts" };
  const { notes = [] } = only({ "deno.json": { imports }, "main.ts": "" }).shape;
  assert.equal(notes.length, 2);
  assert.match(notes[0]!, '"hono" is npm:hono@4: run deno install');
  assert.is(
    only({ "deno.json": { imports: { hono: "npm:hono@4" } }, "deno.lock": "", "main.ts": "" }).shape.notes,
    undefined,
  );
  assert.is(only({ "deno.jsonc": '{ "name": "a", /* so */ }', "main.ts": "" }).image, "a");
  assert.throws(() => detect({ "deno.json": {} }), /Cannot tell which file starts the app of deno\.json/);
});

test("Next: the standalone server where it is configured, else next start and the advice", () => {
  const config = { "next.config.mjs": 'export default { output: "standalone" };' };
  const standalone = only({ ...using("next", "react"), ...config, "public/a.png": "" });
  assert.is(standalone.what, "Next");
  assert.is(standalone.shape.entry, ".next/standalone/server.js");
  assert.is(standalone.shape.dependencies, false);
  assert.equal(standalone.shape.moved, {
    ".next/static": ".next/standalone/.next/static",
    public: ".next/standalone/public",
  });
  const { apps } = detect({ ...using("next"), ...config }, ["package-lock.json"]);
  assert.is(apps[0]!.shape.entry, ".next/standalone/apps/web/server.js", "in the folder of a workspace's member");
  const plain = only({ ...using("next"), "next.config.ts": "export default {};" });
  const program = (lock: string) => detect(using("next"), [lock]).apps[0]!.shape.cmd![1];
  assert.is(program("package-lock.json"), "../../node_modules/next/dist/bin/next", "a member's, where it is hoisted");
  assert.is(program("pnpm-lock.yaml"), "node_modules/next/dist/bin/next", "where pnpm links it");
  assert.equal(plain.shape.cmd, ["node", "node_modules/next/dist/bin/next", "start"]);
  assert.match(plain.shape.notes![0]!, /standalone/);
  const commented = { "next.config.ts": 'export default {\n  // output: "standalone",\n};' };
  assert.is(only({ ...using("next"), ...commented }).shape.entry, ".next/BUILD_ID");
});

for (const [title, dependencies, entry, port] of [
  ["Nuxt", ["nuxt"], ".output/server/index.mjs", 3000],
  ["Nitro", ["nitropack"], ".output/server/index.mjs", 3000],
  ["Remix", ["@remix-run/node", "@remix-run/serve"], "build/server/index.js", 3000],
  ["React Router", ["react-router", "@react-router/serve"], "build/server/index.js", 3000],
  ["SvelteKit", ["@sveltejs/kit", "@sveltejs/adapter-node"], "build/index.js", 3000],
  ["Astro", ["astro", "@astrojs/node"], "dist/server/entry.mjs", 4321],
  ["Nest", ["@nestjs/core"], "dist/main.js", 3000],
] as const)
  test(`${title}: its build, what of it is shipped, and what is started`, () => {
    const { what, shape } = only(using(...dependencies));
    assert.is(what, title);
    assert.ok(shape.isBuilt);
    assert.is(shape.entry, entry);
    assert.ok(entry.startsWith(`${shape.files!.join()}/`));
    assert.is(shape.port, port);
    assert.is(shape.notes, undefined);
  });

test("React Router with a server of the project's own: that, and what it imports", () => {
  const scripts = { build: "make", start: "cross-env NODE_ENV=production node ./server.mjs" };
  const { what, shape } = only({
    "package.json": { name: "a", scripts, devDependencies: { "@react-router/dev": "1" } },
  });
  assert.equal([what, shape.entry, shape.files], ["React Router", "server.mjs", ["build", "server.mjs"]]);
});

test("Nest: what its script start:prod starts", () => {
  const scripts = { start: "nest start", "start:prod": "node out/src/main" };
  const { shape } = only({ "package.json": { name: "a", scripts, dependencies: { "@nestjs/core": "1" } } });
  assert.equal([shape.entry, shape.files], ["out/src/main", ["out"]]);
});

test("a framework without its adapter for servers is told so", () => {
  assert.match(only(using("@sveltejs/kit")).shape.notes![0]!, /@sveltejs\/adapter-node/);
  assert.match(only(using("astro")).shape.notes![0]!, /@astrojs\/node/);
});

test("the port of a framework is the start script's, where that says one", () => {
  const json = { name: "a", scripts: { start: "next start -p 4000" }, dependencies: { next: "1" } };
  assert.is(only({ "package.json": json }).shape.port, 4000);
});

test("a plain server: what package.json says is left to the preset, and a build is seen by what is not there yet", () => {
  const source = 'import http from "node:http";\nhttp.createServer().listen(process.env.PORT ?? 8123);';
  const plain = only({ "package.json": { name: "a", scripts: { start: "node server.js" } }, "server.js": source });
  assert.equal([plain.what, plain.shape], ["a Node server", { port: 8123 }]);
  const scripts = { build: "tsc", start: "node dist/server.js" };
  const built = only({ "package.json": { name: "a", scripts }, "src/server.ts": source });
  assert.equal(built.shape, { isBuilt: true, port: 8123 });
  const unsaid = only({ "package.json": { name: "a" }, "src/index.ts": "server.listen({ port: 81 })" });
  assert.equal([unsaid.shape.entry, unsaid.shape.port], ["src/index.ts", 81]);
  const loaded = only({ "package.json": { scripts: { start: "PORT=81 tsx src/x.ts" } }, "src/x.ts": "" });
  assert.equal([loaded.shape.entry, loaded.shape.port], ["src/x.ts", 81]);
});

test("a start script that does more than start is told, and what it ends with is named", () => {
  const shapeOf = (scripts: object, more: object = {}) =>
    only({ "package.json": { name: "a", main: "index.js", scripts, ...more }, "index.js": "", "lib/a.js": "" }).shape;
  const migrating = shapeOf({ start: "prisma migrate deploy && node -r dotenv/config lib/a.js" });
  assert.is(migrating.entry, "lib/a.js");
  assert.match(migrating.notes![0]!, "the last alone");
  const before = shapeOf({ prestart: "tsc", start: "node lib/a.js" });
  assert.is(before.entry, "lib/a.js");
  assert.match(before.notes![0]!, 'prestart, "tsc", does not run');
  assert.is(shapeOf({ start: "node --watch lib/a.js" }).entry, "lib/a.js");
  assert.is(shapeOf({ start: "nodemon ." }).entry, "index.js");
  for (const start of ["node .", "cross-env A=1 node --import ./x.js lib/a.js", 'node --title "an app" lib/a.js']) {
    assert.equal(shapeOf({ start }), {}, start);
  }
});

test("a start script that the presets do not follow is none of which they are told to be the entry", () => {
  const shapeOf = (start: string) => only({ "package.json": { name: "a", scripts: { start } }, "lib/a.js": "" }).shape;
  for (const start of ["node lib/a.js | pino-pretty", "node lib/a.js > log", "node --inspect lib/a.js &"]) {
    const { entry, notes } = shapeOf(start);
    assert.equal([entry, notes!.length], ["lib/a.js", 1], start);
    assert.match(notes![0]!, '"node lib/a.js" alone');
  }
  // Which comes into no image, so that nodeApp refuses the script.
  const { entry, notes } = shapeOf("node --env-file .env -r ./first.js lib/a.js");
  assert.is(entry, "lib/a.js");
  assert.match(notes![0]!, '"node lib/a.js" alone');
  assert.match(notes![1]!, ".env comes into no image");
});

test("what TypeScript's compiler writes is started, where its settings say where that is", () => {
  const compiled = (tsconfig: string, build = "tsc -p ."): string | undefined =>
    only({ "package.json": { name: "a", scripts: { build } }, "src/server.mts": "", "tsconfig.json": tsconfig }).shape
      .entry;
  assert.is(compiled('{ "compilerOptions": { "outDir": "./lib/" } }'), "lib/server.mjs");
  assert.is(compiled('{ "compilerOptions": { "outDir": "lib", "rootDir": "." } }'), "lib/src/server.mjs");
  assert.is(compiled('{\n  // "outDir": "./",\n}'), "src/server.mts", "a comment");
  assert.is(compiled('{ "compilerOptions": { "outDir": "lib", "rootDir": "other" } }'), "src/server.mts");
  assert.is(compiled('{ "compilerOptions": { "outDir": "lib" } }', "esbuild src/server.mts"), "src/server.mts");
});

test("what Bun starts, or has locked where nothing says who starts it, is an app of Bun's", () => {
  const bun = only({ "package.json": { name: "a", scripts: { start: "bun run src/x.ts" } }, "src/x.ts": "" });
  assert.equal([bun.what, bun.shape], ["a Bun server", { program: "bun" }]);
  const locked = { "package.json": { name: "a" }, "index.ts": "Bun.serve({ port: 81 })", "bun.lock": "" };
  assert.equal(only(locked).shape, { program: "bun", entry: "index.ts", port: 81 });
  assert.match(configText(detect(locked)), 'a: image(bunApp({ entry: "index.ts", port: 81 })),');
  const nodes = { ...locked, "package.json": { name: "a", scripts: { start: "node index.ts" } } };
  assert.is(only(nodes).what, "a Node server");
  const another = { ...locked, "package.json": { name: "a", scripts: { start: "bun run serve" } } };
  assert.is(only(another).shape.entry, "index.ts", "another script");
});

test("where nothing says what is started, it is an error with the mend", () => {
  try {
    detect({ "package.json": { name: "a", scripts: { build: "tsc" } } });
  } catch (error) {
    assert.instance(error, ImageDslError);
    assert.match((error as ImageDslError).message, /Cannot tell which file starts/);
    assert.match((error as ImageDslError).hint!, /"start": "node/);
    return;
  }
  assert.unreachable();
});

test("the manager is the one that is named, else whose lock is there, here or above", () => {
  const manager = (texts: Texts, above?: readonly string[]) => detect({ "index.js": "", ...texts }, above).manager!;
  const json = { "package.json": {} };
  assert.equal(manager({ ...json, "package-lock.json": "" }).name, "npm");
  assert.equal(manager({ ...json, "yarn.lock": "" }).name, "yarn");
  assert.equal(manager({ ...json, "bun.lock": "", "index.ts": "" }).name, "bun");
  assert.equal(manager(json, ["pnpm-lock.yaml"]).lock, "pnpm-lock.yaml");
  const both = manager({
    "package.json": { packageManager: "pnpm@9.1.0" },
    "package-lock.json": "",
    "pnpm-lock.yaml": "",
  });
  assert.equal([both.name, both.lock, both.ignored], ["pnpm", "pnpm-lock.yaml", ["package-lock.json"]]);
  assert.equal([manager(json).lock, manager(json).install], [undefined, "npm install"]);
  assert.equal(manager({ "package.json": { packageManager: "yarn@4" } }).install, "yarn install");
});

test("a workspace: each member that is started is an app, and libraries are none", () => {
  const member = (name: string, start?: string) => ({ name, ...(start !== undefined && { scripts: { start } }) });
  const members = {
    "apps/api/package.json": member("@acme/api", "node server.js"),
    "apps/api/server.js": "",
    "apps/web/package.json": using("next")["package.json"],
    "packages/ui/package.json": member("@acme/ui"),
    "tools/x/package.json": member("x", "node x.js"),
  };
  const found = detect({
    ...members,
    "package.json": { workspaces: ["apps/*", "packages/*"] },
    "package-lock.json": "",
  });
  assert.ok(found.isWorkspace);
  assert.equal(
    found.apps.map(({ dir, target, image }) => [dir, target, image]),
    [
      ["apps/api", "api", "acme/api"],
      ["apps/web", "web", "web"],
    ],
  );
  const yaml = "# ours\npackages:\n  - 'apps/*' # all\n  - \"!apps/web\"\n\ncatalog:\n  - tools/*\n";
  const pnpm = detect({ ...members, "package.json": {}, "pnpm-workspace.yaml": yaml, "pnpm-lock.yaml": "" });
  assert.equal(
    pnpm.apps.map(({ dir }) => dir),
    ["apps/api"],
  );
  assert.throws(() => detect({ "package.json": { workspaces: ["a"] }, "a/package.json": {} }), /None of the workspace/);
});

test("the config holds what the preset cannot know, and no more", () => {
  const text = (texts: Texts): string => configText(detect(texts));
  assert.is(
    text({ "package.json": { name: "@acme/api", scripts: { start: "node server.js" } }, "server.js": "" }),
    `import { defineConfig, image, nodeApp } from "image-dsl";

export default defineConfig({
  api: image(nodeApp()),
});
`,
  );
  assert.is(
    text({ ...using("@remix-run/serve"), "package-lock.json": "" }),
    `import { defineConfig, image, nodeApp } from "image-dsl";

export default defineConfig({
  web: image({
    ...nodeApp({ files: ["build"], entry: "build/server/index.js", port: 3000 }),
    cmd: ["node", "node_modules/@remix-run/serve/dist/cli.js", "build/server/index.js"],
  }),
});
`,
  );
  const next = using("next")["package.json"];
  assert.is(
    text({
      "package.json": { workspaces: ["apps/*"] },
      "apps/web/package.json": { ...next, name: "My App" },
      "apps/web/next.config.js": "output: 'standalone'",
    }),
    `import { defineConfig, files, image, nodeApp } from "image-dsl";

const myApp = nodeApp({
  dir: "apps/web",
  files: [".next/standalone"],
  entry: ".next/standalone/apps/web/server.js",
  dependencies: false,
  port: 3000,
});

export default defineConfig({
  "my-app": image({
    ...myApp,
    name: "my-app",
    contents: [
      ...myApp.contents,
      files("apps/web/.next/static", { dest: "/app/.next/standalone/apps/web/.next/static" }),
    ],
    env: { ...myApp.env, HOSTNAME: "0.0.0.0", NEXT_TELEMETRY_DISABLED: "1" },
  }),
});
`,
  );
});

test.run();
