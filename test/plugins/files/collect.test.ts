import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Entry, ImageDslError } from "../../../core/index.ts";
import { displayPath } from "../../../core/index.ts";
import { collectFiles, collectText } from "../../../plugins/files/collect.ts";
import type { FilesOptions } from "../../../plugins/files/sources.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("plugins/files");

function tree(): string {
  const folder = tmp();
  mkdirSync(join(folder, "dist/sub"), { recursive: true });
  writeFileSync(join(folder, "dist/a.js"), "a");
  writeFileSync(join(folder, "dist/run"), "#!/bin/sh\n");
  chmodSync(join(folder, "dist/run"), 0o700);
  writeFileSync(join(folder, "dist/sub/b.js"), "b");
  chmodSync(join(folder, "dist/sub"), 0o700);
  symlinkSync("../a.js", join(folder, "dist/sub/link"));
  writeFileSync(join(folder, "package.json"), "{}");
  return folder;
}

async function entries(options: FilesOptions, directory: string): Promise<readonly Entry[]> {
  return (await collectFiles(options, directory)).nodes[0]!.tree.entries();
}

function shape(list: readonly Entry[]): string[] {
  return list.map(
    (entry) => `${displayPath(entry.path)} ${entry.type} ${entry.mode.toString(8)} ${entry.uid}:${entry.gid}`,
  );
}

test("a directory's content lands in dest, with git's modes and owner 0:0", async () => {
  assert.equal(shape(await entries({ from: "dist", dest: "/app" }, tree())), [
    "/app directory 755 0:0",
    "/app/a.js file 644 0:0",
    "/app/run file 755 0:0",
    "/app/sub directory 755 0:0",
    "/app/sub/b.js file 644 0:0",
    "/app/sub/link symlink 777 0:0",
  ]);
});

test("modes are kept, or given to files; owners in any form", async () => {
  const folder = tree();
  assert.ok(shape(await entries({ from: "dist", mode: "keep" }, folder)).includes("/sub directory 700 0:0"));
  assert.ok(shape(await entries({ from: "dist", mode: 0o600 }, folder)).includes("/run file 600 0:0"));
  for (const owner of ["7:7", 7, { uid: 7, gid: 7 }]) {
    assert.ok(shape(await entries({ from: "dist", owner }, folder)).includes("/a.js file 644 7:7"));
  }
});

test("a filter leaves out what is below, too", async () => {
  const list = await entries({ from: "dist", filter: (path) => path !== "sub" }, tree());
  assert.equal(
    list.map(({ path }) => path),
    ["a.js", "run"],
  );
});

test("globs keep the path from the config's folder; a single file keeps its name", async () => {
  const folder = tree();
  assert.equal(
    (await entries({ from: ["dist/**/*.js", "package.json"], dest: "/app" }, folder)).map(({ path }) => path),
    ["app", "app/dist", "app/dist/a.js", "app/dist/sub", "app/dist/sub/b.js", "app/package.json"],
  );
  assert.equal(
    (await entries({ from: "package.json", dest: "/etc" }, folder)).map(({ path }) => path),
    ["etc", "etc/package.json"],
  );
});

test("what is not there, and what cannot be put into an image, is named", async () => {
  const folder = tree();
  const refusal = async (options: FilesOptions): Promise<string> => {
    const error = (await collectFiles(options, folder).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_FILES");
    return error.message;
  };
  assert.match(await refusal({ from: "built" }), "built");
  assert.match(await refusal({ from: ["*.nothing"] }), "*.nothing");
  const server = createServer().listen(join(folder, "dist/socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  assert.match(await refusal({ from: "dist" }), /dist\/socket is a socket/);
  server.close();
});

test("calls that bring other paths or rules are other nodes, whatever the function's text and the folder's place", async () => {
  const [here, there] = [tree(), tree()];
  const id = async (options: FilesOptions, folder = here) => (await collectFiles(options, folder)).roots[0];
  const plain = await id({ from: "dist" });
  assert.is(await id({ from: "dist", filter: () => true }), plain);
  assert.is(await id({ from: join(here, "dist") }), plain);
  assert.is(await id({ from: join(there, "dist") }, there), plain);
  const ending = (text: string) => (path: string) => path.endsWith(text);
  assert.is.not(await id({ from: "dist", filter: ending(".js") }), await id({ from: "dist", filter: ending("run") }));
  for (const more of [{ dest: "/x" }, { owner: 1 }, { mode: 0o600 }])
    assert.is.not(await id({ from: "dist", ...more }), plain);
  const { nodes } = await collectFiles({ from: join(here, "dist") }, here);
  assert.is(nodes[0]!.name, "dist");
});

test("text is one file with these bytes", () => {
  const [entry] = collectText({ path: "/motd", contents: "grüß\n", mode: 0o600, owner: 5 }).nodes[0]!.tree.entries();
  assert.ok(entry?.type === "file" && entry.content.kind === "inline");
  assert.is(Buffer.from(entry.content.bytes).toString(), "grüß\n");
  assert.equal([entry.path, entry.mode, entry.uid, entry.size], ["motd", 0o600, 5, 7]);
});

test.run();
