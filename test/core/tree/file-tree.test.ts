import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/error.ts";
import { treePath } from "../../../core/model/path.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { inlineFile } from "../../../core/tree/inline-file.ts";
import { suite } from "../../harness.ts";

const test = suite("tree/file-tree");

test("bytes in memory that are not as many as the size says are refused, since a tar would go wrong by them", () => {
  const file = inlineFile(treePath("etc/motd"), Buffer.from("hello"));
  assert.is(FileTree.of([file]).contentSize(), 5);
  for (const size of [0, 4, 6]) {
    assert.throws(
      () => FileTree.of([{ ...file, size }]),
      (error: ImageDslError) => error.code === "E_TREE_INVALID" && error.message.includes("/etc/motd"),
    );
  }
});

test("a file in memory is 0644, root's and of epoch + 1, unless something else is said", () => {
  const { mode, uid, gid, mtime } = inlineFile(treePath("a"), Buffer.alloc(0));
  assert.equal([mode, uid, gid, mtime], [0o644, 0, 0, 1]);
  const other = inlineFile(treePath("a"), Buffer.alloc(0), { mode: 0o600, origin: "image" });
  assert.equal([other.mode, other.origin, other.uid], [0o600, "image", 0]);
});

test.run();
