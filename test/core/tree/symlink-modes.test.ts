/** Symbolic links have no permissions: macOS and others write some into archives, Linux knows none. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Entry } from "../../../core/model/entry.ts";
import { treePath } from "../../../core/model/path.ts";
import { tarChunks } from "../../../core/tar/writer.ts";
import { applyChanges, diffTrees } from "../../../core/tree/diff.ts";
import { treeDigest } from "../../../core/tree/digest.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { hostPath } from "../../../core/tree/host.ts";
import { mergeTrees } from "../../../core/tree/merge.ts";
import { walk } from "../../../core/tree/walk.ts";
import { suite, tmp } from "../../harness.ts";

const test = suite("tree/symlink-modes");

const link = (mode: number): Entry => ({
  type: "symlink",
  path: treePath("opt/tool"),
  target: "tool-1",
  mode,
  uid: 0,
  gid: 0,
  mtime: 1,
});
const [mac, linux] = [FileTree.of([link(0o755)]), FileTree.of([link(0o777)])];

test("two links that differ in their modes alone are one: in a merge, a comparison and a digest", () => {
  const parts = [
    { origin: "mac", tree: mac },
    { origin: "linux", tree: linux },
  ];
  assert.is(mergeTrees(parts, { collisions: "error" }).size, 2);
  assert.equal(diffTrees(mac, linux), { changed: [], removed: [] });
  assert.is(applyChanges(mac, diffTrees(mac, linux)), mac);
  assert.is(treeDigest(mac), treeDigest(linux));
});

test("every tar says 0777 of a link, as Linux does", () => {
  const tar = (tree: FileTree) => Buffer.concat(Array.from(tarChunks(tree.entries()), (chunk) => Buffer.from(chunk)));
  assert.ok(tar(mac).equals(tar(linux)));
  assert.match(tar(mac).toString("latin1"), /opt\/tool\0+0000777\0/);
});

test("a folder's links are as Linux says, with and without the host's modes", () => {
  const folder = tmp();
  mkdirSync(join(folder, "d"));
  symlinkSync("d", join(folder, "l"));
  for (const modes of ["keep", "git"] as const) {
    const found = walk(hostPath(folder), { modes }).find(({ type }) => type === "symlink");
    assert.is(found?.mode, 0o777, modes);
  }
});

test.run();
