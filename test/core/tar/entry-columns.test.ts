/** What a record of an archive may say: it may come from another machine, whose signature is believed for what the image holds alone. */
import * as assert from "uvu/assert";
import { digestOf } from "../../../core/model/digest.ts";
import type { Entry } from "../../../core/model/entry.ts";
import type { Json } from "../../../core/model/json.ts";
import { treePath } from "../../../core/model/path.ts";
import { decodeScriptResult } from "../../../core/run/script-result.ts";
import type { Store } from "../../../core/store/store.ts";
import { decodeEntries, encodeEntries } from "../../../core/tar/entry-columns.ts";
import { FileTree } from "../../../core/tree/file-tree.ts";
import { suite } from "../../harness.ts";

const test = suite("entry-columns");

const place = { file: "/store/a.tar", archive: digestOf("a") };
const file: Entry = {
  path: treePath("a/file"),
  mode: 0o644,
  uid: 1,
  gid: 0,
  mtime: 5,
  xattrs: { "user.a": "b" },
  type: "file",
  size: 3,
  content: { kind: "slice", ...place, offset: 512 },
};

/** As somebody else would write it. */
function recordOf(change: (columns: Record<string, unknown>) => void): Json {
  const columns = structuredClone(encodeEntries([file])) as unknown as Record<string, unknown>;
  change(columns);
  return columns as unknown as Json;
}

test("what was written is read", () => {
  assert.equal(decodeEntries(encodeEntries([file]), place), [file]);
});

test("what a file holds is where its archive is, whatever else a record says", () => {
  const content = { kind: "slice", file: "/etc/shadow", archive: place.archive, offset: 0 };
  const read = decodeEntries(
    recordOf((columns) => (columns["extras"] = { 0: { uid: 1, xattrs: { "user.a": "b" }, content, path: "../x" } })),
    place,
  );
  assert.equal(read, [file]);
});

test("a record that is not whole, or of other kinds, is none", () => {
  for (const [column, value] of Object.entries({
    types: "d",
    paths: [5],
    modes: ["0644"],
    mtimes: [],
    contents: [3],
    targets: ["x"],
    extras: { 0: { uid: -1 } },
  })) {
    const record = recordOf((columns) => (columns[column] = value));
    assert.is(decodeEntries(record, place), undefined, column);
  }
});

test("a path that leads out of the tree makes a record none", async () => {
  for (const path of ["../x", "a/../../x", "/etc/x", "a//b", "", ".", "a/".repeat(5000) + "b"]) {
    const record = recordOf((columns) => (columns["paths"] = [path]));
    assert.is(decodeEntries(record, place), undefined, path);
    const { mode, uid, gid, mtime } = file;
    const entry = { path, mode, uid, gid, mtime, type: "directory" };
    for (const [changed, removed] of [
      [[entry], []],
      [[], [path]],
    ]) {
      const result = { changed, removed, used: [] } as unknown as Json;
      assert.is(await decodeScriptResult(result, {} as Store, FileTree.empty), undefined, path);
    }
  }
});

test.run();
