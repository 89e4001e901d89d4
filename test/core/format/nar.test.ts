import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import {
  FileTree,
  directoryEntry,
  hostEntry,
  hostPath,
  treePath,
  walk,
  type ImageDslError,
} from "../../../core/index.ts";
import { narChunks, narHash } from "../../../core/format/nar.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { requireTool, suite, tmp } from "../../harness.ts";

const test = suite("format/nar");

/** Nix itself, on a path of the host. */
const dump = (path: string): Buffer =>
  execFileSync(requireTool("nix-store"), ["--dump", path], {
    maxBuffer: 1 << 28,
    env: { ...process.env, NIX_REMOTE: "" },
  });

function treeOf(path: string): FileTree {
  const top = hostEntry(hostPath(path), treePath("top"), "keep");
  return FileTree.of([
    top,
    ...(top.type === "directory" ? walk(hostPath(path), { dest: treePath("top"), modes: "keep" }) : []),
  ]);
}

test("a directory's archive has the bytes that nix-store --dump writes", () => {
  const folder = tmp();
  mkdirSync(join(folder, "a/empty"), { recursive: true });
  // Siblings in byte order, where a tree's walk and a plain sort of whole paths part: a, a-b, a.d, a/….
  for (const [name, size] of [
    ["a/file", 0],
    ["a/ü", 7],
    ["a-b", 8],
    ["a.d", 9],
    ["B", 3_000_000],
  ] as const) {
    writeFileSync(join(folder, name), Buffer.alloc(size, name));
  }
  chmodSync(join(folder, "a.d"), 0o755);
  symlinkSync("../nowhere", join(folder, "a/link"));
  const bytes = Buffer.concat([...narChunks(treeOf(folder), treePath("top"))]);
  const theirs = dump(folder);
  assert.ok(bytes.equals(theirs));
  assert.equal(narHash(treeOf(folder), treePath("top")), {
    hash: createHash("sha256").update(theirs).digest("hex"),
    size: theirs.length,
  });
});

test("a single file and a link are archives too", () => {
  const folder = tmp();
  writeFileSync(join(folder, "file"), "text");
  symlinkSync("file", join(folder, "link"));
  for (const name of ["file", "link"]) {
    const path = join(folder, name);
    assert.ok(Buffer.concat([...narChunks(treeOf(path), treePath("top"))]).equals(dump(path)), name);
  }
});

test("a hard link counts as the file that it names; a device is refused by name", () => {
  const meta = { mode: 0o444, uid: 0, gid: 0, mtime: 1 };
  const file = inlineFile(treePath("d/a"), Buffer.from("x"));
  const copies = FileTree.of([directoryEntry(treePath("d")), file, { ...file, path: treePath("d/b") }]);
  const linked = FileTree.of([file, { ...meta, path: treePath("d/b"), type: "hardlink", target: file.path }]);
  assert.equal(narHash(linked, treePath("d")), narHash(copies, treePath("d")));
  const device = FileTree.of([{ ...meta, path: treePath("d/null"), type: "character", major: 1, minor: 3 }]);
  assert.throws(
    () => narHash(device, treePath("d")),
    (error: ImageDslError) => error.code === "E_TREE_INVALID" && error.message.includes("/d/null"),
  );
});

test.run();
