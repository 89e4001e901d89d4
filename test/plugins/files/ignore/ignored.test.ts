import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../../core/index.ts";
import { collectFiles } from "../../../../plugins/files/collect.ts";
import type { FilesSettings } from "../../../../plugins/files/sources.ts";
import { suite, tmp } from "../../../harness.ts";
import { filesContext } from "../files-context.ts";

const test = suite("plugins/files/ignore");

function project(files: Readonly<Record<string, string>>): string {
  const folder = tmp();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

async function collected(from: string | string[], directory: string, settings: FilesSettings = {}) {
  const context = filesContext(directory);
  const { nodes } = await collectFiles({ from, ...settings }, context);
  const [node] = nodes;
  return { id: node!.id, paths: node!.tree.entries().map(({ path }): string => path), notes: context.notes };
}

async function paths(from: string | string[], directory: string, settings: FilesSettings = {}) {
  return (await collected(from, directory, settings)).paths;
}

async function failure(from: string | string[], directory: string, settings: FilesSettings = {}) {
  return (await collected(from, directory, settings).catch((thrown: unknown) => thrown)) as ImageDslError;
}

test("what .dockerignore lists stays out of a folder, and a note says which file and what", async () => {
  const folder = project({
    ".dockerignore": "node_modules\n**/*.log\n",
    "node_modules/m/i.js": "",
    "a.js": "",
    "src/x.log": "",
  });
  const { paths: taken, notes } = await collected(".", folder);
  assert.equal(taken, [".dockerignore", "a.js", "src"]);
  assert.is(notes.length, 1);
  assert.match(notes.join(), 'files(\\".\\") leaves out what .dockerignore lists');
  assert.match(notes.join(), '["node_modules","src/x.log"]');
  const all = await collected(".", folder, { ignore: false });
  assert.ok(all.paths.includes("node_modules/m/i.js") && all.paths.includes("src/x.log"));
  assert.equal(all.notes, []);
});

test("what is named outright is taken though it is listed, and what is listed in it is not", async () => {
  for (const line of ["dist", "dist/", "/dist", "**/dist", "dist/**", "dist/*", "d*", "dist/**/*"]) {
    const folder = project({
      ".dockerignore": `${line}\n**/*.map\n`,
      "dist/a.js": "",
      "dist/a.map": "",
      "dist/s/b.js": "",
    });
    assert.equal(await paths("dist", folder), ["a.js", "s", "s/b.js"], line);
    assert.equal(await paths(["dist/**"], folder), ["dist", "dist/a.js", "dist/s", "dist/s/b.js"], line);
    assert.equal(await paths("dist/a.map", folder), ["a.map"], line);
    assert.equal(await paths(["dist/a.map"], folder), ["dist", "dist/a.map"], line);
    assert.not.ok((await paths(".", folder)).includes("dist/a.js"), line);
  }
  for (const line of ["dist", "dist/", "/dist", "**/dist", "dist/**", "dist/*"]) {
    const folder = project({ ".gitignore": `${line}\n*.map\n`, "dist/a.js": "", "dist/a.map": "", "dist/s/b.js": "" });
    assert.equal(await paths("dist", folder, { ignore: "git" }), ["a.js", "s", "s/b.js"], line);
    assert.equal(
      await paths(["dist/**"], folder, { ignore: "git" }),
      ["dist", "dist/a.js", "dist/s", "dist/s/b.js"],
      line,
    );
    assert.not.ok((await paths(".", folder, { ignore: "git" })).includes("dist/a.js"), line);
    assert.equal(await paths("dist", folder), ["a.js", "a.map", "s", "s/b.js"], line);
  }
});

test("where something in a listed folder is taken again, that is what is taken of it", async () => {
  const folder = project({
    ".dockerignore": "packages/*\n!packages/app\n",
    "packages/app/a": "",
    "packages/other/b": "",
  });
  assert.equal(await paths("packages", folder), ["app", "app/a"]);
  assert.equal(await paths(".", folder), [".dockerignore", "packages", "packages/app", "packages/app/a"]);
  const other = project({
    ".dockerignore": "*\n!**/keep\n!src/**/*.js\n",
    "a/b/keep": "",
    "a/c/drop": "",
    "src/d/x.js": "",
    "src/y": "",
  });
  assert.equal(await paths(".", other), ["a", "a/b", "a/b/keep", "src", "src/d", "src/d/x.js"]);
  assert.equal(await paths(["**"], other), ["a", "a/b", "a/b/keep", "src", "src/d", "src/d/x.js"]);
});

test("what is taken again in a folder by name is what is taken of it; what is taken again anywhere leaves it whole", async () => {
  const files = { "dist/a.js": "", "dist/a.map": "", "dist/s/.keep": "" };
  const all = ["a.js", "a.map", "s", "s/.keep"];
  for (const [text, taken] of [
    ["dist\n!dist/a.js", ["a.js"]],
    ["*\n!dist/**/*.js\n!LICENSE", ["a.js"]],
    ["dist/**\n!dist/s", ["s", "s/.keep"]],
    ["dist\n!**/.keep", all],
    ["**\n!dist", all],
    ["*\n!src/a", all],
  ] as const) {
    assert.equal(await paths("dist", project({ ".dockerignore": text, ...files })), taken, text);
  }
  for (const [text, taken] of [
    ["dist/*\n!dist/a.js", ["a.js"]],
    ["/dist/*\n!/dist/a.js", ["a.js"]],
    ["dist\n!dist/a.js", all],
    ["dist/*\n!.keep", all],
  ] as const) {
    const folder = project({ ".gitignore": text, ...files });
    assert.equal(await paths("dist", folder, { ignore: "git" }), taken, text);
  }
  for (const text of ["*", "*\n!.gitignore\n", "/*\n!/.gitignore"]) {
    const folder = project({ "dist/.gitignore": text, ...files });
    assert.equal(await paths("dist", folder, { ignore: "git" }), [".gitignore", ...all], text);
    writeFileSync(join(folder, "other"), "");
    const filter = (path: string): boolean => path !== "dist/.gitignore";
    assert.equal(await paths(".", folder, { ignore: "git", filter }), ["other"]);
  }
});

test("both kinds of ignore files are obeyed together, and as in git there are no empty directories", async () => {
  const folder = project({
    ".gitignore": "*.log\nout/*\n",
    ".dockerignore": "test\n.*ignore\n",
    "src/a.js": "",
    "src/a.log": "",
    "test/a.js": "",
    "out/b.js": "",
  });
  mkdirSync(join(folder, "empty/er"), { recursive: true });
  const { paths: taken, notes } = await collected(".", folder, { ignore: ["docker", "git"] });
  assert.equal(taken, ["src", "src/a.js"]);
  assert.is(notes.length, 2);
  assert.equal(await paths(".", folder, { ignore: "git" }), [
    ".dockerignore",
    ".gitignore",
    "src",
    "src/a.js",
    "test",
    "test/a.js",
  ]);
});

test("a folder's own .dockerignore counts in place of the one beside the config, which counts for no folder outside", async () => {
  const folder = project({
    "c/.dockerignore": "*.a",
    "c/sub/.dockerignore": "*.b",
    "c/sub/x.a": "",
    "c/sub/x.b": "",
    "c/y.a": "",
    "out/z.a": "",
  });
  const config = join(folder, "c");
  assert.equal(await paths("sub", config), [".dockerignore", "x.a"]);
  assert.equal(await paths(".", config), [".dockerignore", "sub", "sub/.dockerignore", "sub/x.a", "sub/x.b"]);
  assert.equal(await paths("../out", config), ["z.a"]);
  assert.equal(await paths(join(config, "sub"), join(folder, "out")), [".dockerignore", "x.a"]);
});

test("globs of several folders are each held against what their folder says", async () => {
  const folder = project({ ".dockerignore": "dist\n", "dist/a.js": "", "dist/b.css": "", "src/c.js": "" });
  assert.equal(await paths(["**/*.js"], folder), ["src", "src/c.js"]);
  assert.equal(await paths(["**", "dist/*.js"], folder), [".dockerignore", "dist", "dist/a.js", "src", "src/c.js"]);
  const error = await failure(["d*/*.js"], folder);
  assert.is(error.code, "E_FILES");
  assert.match(error.message, "that .dockerignore does not leave out");
  assert.match(error.hint ?? "", "ignore: false");
});

test("a folder of which nothing is left is an error; so is a line that Docker would not understand, with its place", async () => {
  const folder = project({ ".dockerignore": "*\n", a: "" });
  assert.match((await failure(".", folder)).message, '.dockerignore leaves out all that "." holds');
  writeFileSync(join(folder, ".dockerignore"), "# one\n\na[b\n");
  const error = await failure(".", folder);
  assert.is(error.code, "E_FILES");
  assert.equal(error.place, { file: join(folder, ".dockerignore"), line: 3 });
  assert.match(error.message, 'opens a "[" that it does not close');
});

test("a changed ignore file changes what is taken, and with it what the node is known by", async () => {
  const folder = project({ "sub/a": "", "sub/b": "" });
  const ids = new Set<string>();
  for (const text of ["", "sub/a", "sub/b", "sub/b\n# the same"]) {
    writeFileSync(join(folder, ".dockerignore"), text);
    ids.add((await collected("sub", folder)).id);
  }
  assert.is(ids.size, 3);
});

test("hostile patterns take no longer than others", async () => {
  const name = "a".repeat(200);
  const line = `**/${"*a".repeat(60)}*b`;
  const folder = project({ ".dockerignore": line, ".gitignore": line, [`x/${name}/${name}/${name}`]: "" });
  for (const ignore of ["docker", "git"] as const) assert.is((await paths(".", folder, { ignore })).length, 6);
});

test("exclude leaves out what its globs name, with all below, beside a filter", async () => {
  const folder = project({ "d/a.map": "", "d/b.js": "", "d/s/c.map": "", "d/t/e": "", "d/t/s/f": "" });
  assert.equal(await paths("d", folder, { exclude: ["**/*.map", "t/s"] }), ["b.js", "s", "t", "t/e"]);
  assert.equal(await paths("d", folder, { exclude: ["*.map", "t"], filter: (path) => path !== "b.js" }), [
    "s",
    "s/c.map",
  ]);
  assert.equal(await paths(["d/**"], folder, { exclude: ["**/*.map", "d/t"] }), ["d", "d/b.js"]);
});

test.run();
