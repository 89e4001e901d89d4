import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Entry, ImageDslError, TreePath } from "../../../core/index.ts";
import { displayPath } from "../../../core/index.ts";
import { collectFiles, collectText } from "../../../plugins/files/collect.ts";
import type { FilesOptions } from "../../../plugins/files/sources.ts";
import { suite, tmp } from "../../harness.ts";
import { filesContext } from "./files-context.ts";

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
  return (await collectFiles(options, filesContext(directory))).nodes[0]!.tree.entries();
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

const withoutOrigin = (entry: Entry) => ({ ...entry, origin: undefined });

/** A tree with links of every kind and empty folders, in `app`. */
function odd(): string {
  const folder = tmp();
  for (const path of ["app/bin", "app/lib/v1", "app/empty/deep", "app/.hidden"])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "app/lib/v1/x"), "x");
  writeFileSync(join(folder, "app/.hidden/y"), "y");
  writeFileSync(join(folder, "outside"), "o");
  chmodSync(join(folder, "app/lib/v1"), 0o700);
  for (const [path, target] of [
    ["app/bin/x", "../lib/v1/x"],
    ["app/lib/current", "v1"],
    ["app/bin/dang", "missing"],
    ["app/out", "../outside"],
    ["app/loop", "loop"],
    ["app/up", ".."],
    ["slink", "app/lib"],
    ["flink", "app/lib/v1/x"],
    ["dangling", "nowhere"],
  ] as const)
    symlinkSync(target, join(folder, path));
  return folder;
}

test("globs take what the folder holds: links to files, folders, nothing and themselves, and empty folders", async () => {
  const folder = odd();
  for (const mode of [undefined, "keep", 0o600] as const) {
    const rules = mode === undefined ? {} : { mode };
    const whole = await entries({ from: "app", dest: "/app", ...rules }, folder);
    for (const globs of [["app/**"], ["app/**/*"], ["./app/**"], ["app/{bin,lib,empty,.hidden}/**", "app/*"]]) {
      const found = await entries({ from: globs, ...rules }, folder);
      assert.equal(found.map(withoutOrigin), whole.map(withoutOrigin), `${globs.join(" ")} ${mode}`);
    }
  }
});

test("a glob that names folders takes the empty ones, and of the others what it names in them", async () => {
  const folder = odd();
  const paths = async (...from: string[]) => (await entries({ from }, folder)).map(({ path }) => path);
  assert.equal(await paths("app/*"), ["app", "app/loop", "app/out", "app/up"]);
  assert.equal(await paths("app/empty/*"), ["app", "app/empty", "app/empty/deep"]);
  assert.equal(await paths("app/lib/**", "!**/x"), ["app", "app/lib", "app/lib/current"]);
  assert.equal(await paths("slink/v1/*", "outside"), ["outside", "slink", "slink/v1", "slink/v1/x"]);
  assert.equal(await paths("slink", "*link"), ["flink", "slink"]);
  const error = await paths("slink", "slink/v1/*").catch((thrown: unknown) => thrown);
  assert.is((error as ImageDslError).code, "E_TREE_INVALID");
});

test("a link that is named gives what it leads to, as cp does; one that leads nowhere is an error", async () => {
  const folder = odd();
  assert.equal(shape(await entries({ from: "slink", dest: "/l" }, folder)), [
    "/l directory 755 0:0",
    "/l/current symlink 777 0:0",
    "/l/v1 directory 755 0:0",
    "/l/v1/x file 644 0:0",
  ]);
  assert.equal(shape(await entries({ from: "flink", dest: "/l" }, folder)), [
    "/l directory 755 0:0",
    "/l/flink file 644 0:0",
  ]);
  assert.equal(shape(await entries({ from: "app/out" }, folder)), ["/out file 644 0:0"]);
  for (const from of ["dangling", "app/loop"]) {
    const error = (await entries({ from }, folder).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_FILES");
    assert.match(error.message, "leads to nothing");
  }
});

test("a folder that is deeper than a path may be is told by the beginning of its path", async () => {
  const folder = tmp();
  // By ever longer relative paths, since no absolute one reaches it.
  execFileSync(
    "sh",
    ["-c", `d=$(printf 'd%.0s' $(seq 200)); for i in $(seq 30); do mkdir $d && cd -P $d || exit 1; done`],
    {
      cwd: folder,
    },
  );
  const error = (await entries({ from: "." }, folder).catch((thrown: unknown) => thrown)) as ImageDslError;
  // Node's own rm does not reach it either.
  execFileSync("rm", ["-rf", folder]);
  assert.is(error.code, "E_FILES");
  assert.match(error.message, /ENAMETOOLONG/);
  assert.ok(error.message.length < 400, error.message);
});

test("what builds write is taken by no folder and no glob, and told; what is named is taken", async () => {
  const folder = odd();
  mkdirSync(join(folder, "app/made/here"), { recursive: true });
  const plain = shape(await entries({ from: ".", filter: (path) => path !== "app/made" }, folder));
  const written = ["t.tar", "app/made/here/t.tar", "app/root", "through"].map((name) => join(folder, name));
  symlinkSync("app/elsewhere.tar", join(folder, "through"));
  writeFileSync(join(folder, "app/elsewhere.tar"), "tar");
  for (const made of [false, true]) {
    if (made) {
      for (const name of ["t.tar", "t.tar.4711-0abc", "app/made/here/t.tar"]) writeFileSync(join(folder, name), "tar");
      mkdirSync(join(folder, "app/root/etc"), { recursive: true });
    }
    for (const from of [".", ["**"]]) {
      const context = filesContext(folder, written);
      const { nodes } = await collectFiles({ from }, context);
      assert.equal(shape(nodes[0]!.tree.entries()), plain, `${String(from)} ${made}`);
      const told = made ? /t\.tar, .*root/ : /elsewhere\.tar, through/;
      assert.match(context.notes.join(), told);
    }
  }
  assert.equal(shape((await collectFiles({ from: "t.tar" }, filesContext(folder, written))).nodes[0]!.tree.entries()), [
    "/t.tar file 644 0:0",
  ]);
});

test("what is not there, and what cannot be put into an image, is named", async () => {
  const folder = tree();
  const refusal = async (options: FilesOptions): Promise<string> => {
    const error = (await collectFiles(options, filesContext(folder)).catch(
      (thrown: unknown) => thrown,
    )) as ImageDslError;
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
  const id = async (options: FilesOptions, folder = here) =>
    (await collectFiles(options, filesContext(folder))).roots[0];
  const plain = await id({ from: "dist" });
  assert.is(await id({ from: "dist", filter: () => true }), plain);
  assert.is(await id({ from: join(here, "dist") }), plain);
  assert.is(await id({ from: join(there, "dist") }, there), plain);
  const ending = (text: string) => (path: string) => path.endsWith(text);
  assert.is.not(await id({ from: "dist", filter: ending(".js") }), await id({ from: "dist", filter: ending("run") }));
  for (const more of [{ dest: "/x" }, { owner: 1 }, { mode: 0o600 }])
    assert.is.not(await id({ from: "dist", ...more }), plain);
  const { nodes } = await collectFiles({ from: join(here, "dist") }, filesContext(here));
  assert.is(nodes[0]!.name, "dist");
});

test("text is one file with these bytes", () => {
  const [entry] = collectText({ path: "/motd", contents: "grüß\n", mode: 0o600, owner: 5 }).nodes[0]!.tree.entries();
  assert.ok(entry?.type === "file" && entry.content.kind === "inline");
  assert.is(Buffer.from(entry.content.bytes).toString(), "grüß\n");
  assert.equal([entry.path, entry.mode, entry.uid, entry.size], ["motd", 0o600, 5, 7]);
});

test("a repository's history and files of secrets come along only where they are named", async () => {
  const directory = tmp();
  for (const folder of [".git", "sub/.git"]) mkdirSync(join(directory, folder), { recursive: true });
  for (const file of [
    ".env",
    ".env.local",
    ".git/config",
    "sub/.git/config",
    "sub/.env",
    "sub/a",
    ".gitignore",
    ".environ",
  ])
    writeFileSync(join(directory, file), "x");
  const paths = async (from: string | string[]): Promise<readonly string[]> => {
    const { nodes } = await collectFiles({ from }, filesContext(directory));
    return nodes[0]!.tree
      .entries()
      .filter(({ type }) => type === "file")
      .map(({ path }) => path);
  };
  assert.equal(await paths("."), [".gitignore", "sub/a"]);
  assert.equal(await paths(["**"]), [".gitignore", "sub/a"]);
  assert.equal(await paths("sub/.env"), [".env"]);
  assert.equal(await paths([".env.local", "sub/**"]), [".env.local", "sub/a"]);
  assert.equal(await paths([".env*"]), [".env", ".env.local", ".environ"]);
  assert.equal(await paths([".git/**"]), [".git/config"]);
  assert.equal(await paths(".git"), ["config"]);
});

test("what no build has written is no output of earlier: where one would take its place, that is an error", async () => {
  const folder = tree();
  const place = join(folder, "dist/a.js");
  const context = { ...filesContext(folder, [place]), isForeign: (path: string) => path === place };
  for (const from of ["dist", ".", ["**"], ["dist/**/*.js"]]) {
    const error = (await collectFiles({ from }, context).catch((thrown: unknown) => thrown)) as ImageDslError;
    assert.is(error.code, "E_OUTPUT_INVALID", String(from));
    assert.match(error.message, place);
  }
  for (const rules of [{ exclude: ["**/a.js"] }, { filter: (path: string) => !path.endsWith("a.js") }]) {
    assert.ok((await collectFiles({ from: "dist", ...rules }, context)).nodes[0]!.tree.get("sub/b.js" as TreePath));
  }
});

test("a glob without signs takes what it names, also what builds write", async () => {
  const folder = tree();
  const context = filesContext(folder, [join(folder, "dist/a.js")]);
  const taken = async (from: string[]) =>
    (await collectFiles({ from }, context)).nodes[0]!.tree.entries().map(({ path }) => path);
  assert.equal(await taken(["dist/a.js"]), ["dist", "dist/a.js"]);
  assert.equal(await taken(["dist/*.js", "dist/run"]), ["dist", "dist/run"]);
});

test.run();
