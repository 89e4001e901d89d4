// @runtimes node
/** Which files of a project come into its image. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import type { Collected } from "../../../core/index.ts";
import { collectAppFiles, type AppFilesContext } from "../../../plugins/apps/files/collect.ts";
import type { AppFilesOptions } from "../../../plugins/apps/files/source.ts";
import { collectFiles } from "../../../plugins/files/collect.ts";
import type { FilesOptions } from "../../../plugins/files/sources.ts";
import { suite, tmp } from "../../harness.ts";
import { filesContext } from "../files/files-context.ts";

const test = suite("plugins/apps/app-files");

function project(files: readonly string[], ignore: Readonly<Record<string, string>> = {}): string {
  const folder = tmp();
  const all = {
    ...Object.fromEntries(["package.json", "image.config.ts", ...files].map((path) => [path, ""])),
    ...ignore,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** What is said of ignore files: the end of each message, and the paths. */
async function told(dir: string, options: Partial<AppFilesOptions>): Promise<readonly unknown[]> {
  const context = filesContext(dir);
  await collected(dir, options, context);
  return context.notes.map((text) => {
    const { message, detail } = JSON.parse(text) as { readonly message: string; readonly detail?: unknown };
    return [message.replace(/^.* leaves out /, ""), detail];
  });
}

function collected(dir: string, options: Partial<AppFilesOptions>, context = filesContext(dir)): Promise<Collected> {
  const collect = (source: { readonly options: unknown }) => collectFiles(source.options as FilesOptions, context);
  const asked = { dir, dest: "/app", always: ["package.json"], ...options };
  return collectAppFiles(asked, { ...context, collect } as unknown as AppFilesContext);
}

/** The files, below the destination. */
async function taken(dir: string, options?: Partial<AppFilesOptions>): Promise<readonly string[]> {
  const trees = await takenByNode(dir, options);
  return trees.flat().sort();
}

/** The same, of each node. */
async function takenByNode(
  dir: string,
  options: Partial<AppFilesOptions> = {},
): Promise<readonly (readonly string[])[]> {
  const { nodes } = await collected(dir, options);
  return nodes.map(({ tree }) => {
    const files = tree.entries().filter(({ type }) => type !== "directory");
    return files.map(({ path }) => path.replace(/^app\//, ""));
  });
}

const FILES = ["src/server.js", "src/x.map", "test/a.js", "public/p/i.html", "node_modules/m/i.js", ".env", "a.log"];

test("what git would track comes along, less what only builds, package managers and Docker read", async () => {
  const more = [
    "package-lock.json",
    "Dockerfile",
    ".npmrc",
    ".yarnrc.yml",
    ".yarn/cache/m.zip",
    "lib/node_modules/m/i.js",
    "lib/.gitignore",
    ".git/HEAD",
  ];
  const folder = project([...FILES, ...more], { ".gitignore": "*.log\n", ".dockerignore": "test\n" });
  const all = ["package.json", "public/p/i.html", "src/server.js", "src/x.map"];
  assert.equal(await taken(folder), all);
  mkdirSync(join(folder, "empty/er"), { recursive: true });
  assert.equal(await taken(folder, { entry: "src/server.js" }), all);
});

test("an entry that git does not track was built, and all of its folder comes along", async () => {
  const folder = project([...FILES, "dist/server.js", "dist/lib/a.js"], { ".gitignore": "dist/\n*.log\n" });
  assert.not.ok((await taken(folder)).includes("dist/server.js"));
  const withEntry = await taken(folder, { entry: "dist/server.js" });
  assert.ok(withEntry.includes("dist/server.js") && withEntry.includes("dist/lib/a.js"));
});

test("of what ignore files list only that is told which stays out, whatever else brings it", async () => {
  const ignore = { ".gitignore": "dist\n*.log\nkeys.json\n", ".dockerignore": "lib\ntest\n" };
  const folder = project(["dist/server.js", "dist/a.log", "lib/a.js", "test/a.js", "a.log", "keys.json"], ignore);
  const docker = ["what .dockerignore lists", ["lib", "test"]];
  const git = (...paths: readonly string[]) => ["what .gitignore lists", paths];
  assert.equal(await told(folder, {}), [docker, git("a.log", "dist", "keys.json")]);
  assert.equal(await told(folder, { entry: "dist/server.js" }), [docker, git("a.log", "keys.json")]);
  const always = ["package.json", "keys.json"];
  assert.equal(await told(folder, { always, never: ["dist"] }), [docker, git("a.log")]);
  const listed = { patterns: ["lib", "test", "keys.json"], entry: "lib/a.js" };
  assert.equal(await told(folder, listed), [["what .dockerignore lists", ["test"]]]);
  assert.equal(await told(folder, { ...listed, patterns: ["lib", "keys.json"] }), []);
});

test("of a folder with sources in it what was built comes along, and not what is installed there", async () => {
  const built = ["apps/api/dist/main.js", "apps/api/dist/lib/a.js"];
  const others = ["apps/api/main.ts", "apps/api/node_modules/m/i.js", "apps/web/dist/b.js"];
  const folder = project([...built, ...others], { ".gitignore": "dist\nnode_modules\n" });
  const wanted = [...built, "apps/api/main.ts", "package.json"].sort();
  assert.equal(await taken(folder, { entry: "apps/api/dist/main.js" }), wanted);
  const inPlace = project(["src/a.ts", "src/a.js", "src/lib/b.ts", "src/lib/b.js", "src/node_modules/m/i.js"], {
    ".gitignore": "*.js\n",
  });
  const beside = ["package.json", "src/a.js", "src/a.ts", "src/lib/b.js", "src/lib/b.ts"];
  assert.equal(await taken(inPlace, { entry: "src/a.js" }), beside);
});

test("patterns are all that is taken, beside the entry and package.json; a ! takes away again", async () => {
  const folder = project([...FILES, "src/deep/b.js", "src/deep/b.test.js"], { ".gitignore": "src\n" });
  const patterns = ["/src/", "!**/*.test.js", "./public/*/*.html"];
  assert.equal(await taken(folder, { patterns }), [
    "package.json",
    "public/p/i.html",
    "src/deep/b.js",
    "src/server.js",
    "src/x.map",
  ]);
  assert.equal(await taken(folder, { patterns: [], entry: "test/a.js" }), ["package.json", "test/a.js"]);
  assert.equal(await taken(folder, { patterns: ["**/*.html"] }), ["package.json", "public/p/i.html"]);
});

test("packages in a folder that is listed come along, apart from what a framework made; the project's own do not", async () => {
  const folder = project([...FILES, ".output/server/index.mjs", ".output/server/node_modules/vue/i.js"]);
  const packages = [".output/server/node_modules/vue/i.js"];
  const own = [".output/server/index.mjs", "package.json"];
  assert.equal(await takenByNode(folder, { patterns: [".output"] }), [packages, own]);
  assert.equal(await takenByNode(folder, { patterns: ["*", ".output"], entry: "src/server.js" }), [
    packages,
    [...own, "a.log", "src/server.js", "src/x.map", "test/a.js", "public/p/i.html"].sort(),
  ]);
});

test("what a build made is taken whatever Docker is to ignore; what is listed beside it is not", async () => {
  const files = [".output/server/index.mjs", ".output/server/node_modules/vue/i.js", ".output/a.map", "public/a.log"];
  const folder = project(files, { ".dockerignore": ".output\n**/node_modules\n*.log\npublic/*.log\n" });
  const patterns = [".output", "public", "!**/*.map"];
  const entry = ".output/server/index.mjs";
  const all = [".output/server/index.mjs", ".output/server/node_modules/vue/i.js", "package.json"];
  assert.equal(await taken(folder, { patterns, entry, built: [".output"] }), all);
  const alone = await taken(folder, { patterns: [".output"], entry, built: [".output"] });
  assert.equal(alone, [".output/a.map", ...all]);
});

test("what is to be there and is not is told with its mend", async () => {
  const error = (await taken(project([]), { always: ["dist"] }).catch((thrown: unknown) => thrown)) as Error;
  assert.match(error.message, 'There is no "dist" in ');
});

test.run();
