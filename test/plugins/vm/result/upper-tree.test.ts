/** What an overlay's upper directory and index make of a tree. The real thing is compared with a chroot (`e2e/run-as-root`). */
import * as assert from "uvu/assert";
import {
  FileTree,
  directoryEntry,
  inlineFile,
  readWhole,
  treePath,
  type Entry,
  type FileEntry,
} from "../../../../core/index.ts";
import { withUpper } from "../../../../plugins/vm/result/upper-tree.ts";
import { suite } from "../../../harness.ts";

const test = suite("vm/upper-tree");

const BELOW = FileTree.of([file("d/e/f"), file("d/g"), file("m/a"), file("o/a"), link("o/link", "d/g")]);

test("a renamed directory brings what it had below, without what was deleted or replaced in it", () => {
  const after = laid([folder("c", "/d"), whiteout("d"), whiteout("c/g"), file("c/e/new"), folder("c/e")]);
  assert.equal(after, ["c/", "c/e/", "c/e/f d/e/f", "c/e/new c/e/new", "m/", "m/a m/a", "o/", "o/a o/a", "o/link d/g"]);
});

test("renamed inside a renamed one, two that changed places, and one that has another's name", () => {
  assert.equal(laid([folder("n", "d"), folder("n/x", "e"), whiteout("n/e"), whiteout("d")]).slice(2, 5), [
    "n/",
    "n/g d/g",
    "n/x/",
  ]);
  assert.equal(laid([folder("m", "o"), folder("o", "m")]).slice(4), [
    "m/",
    "m/a o/a",
    "m/link -> d/g",
    "o/",
    "o/a m/a",
  ]);
  assert.equal(laid([folder("new"), folder("new/e", "/d/e"), whiteout("d/e"), folder("d")]).slice(4, 7), [
    "new/",
    "new/e/",
    "new/e/f d/e/f",
  ]);
});

test("an opaque directory shows nothing from below, whatever it was renamed from", () => {
  const opaque = { ...folder("m", "d"), xattrs: { "trusted.overlay.opaque": "y", "trusted.overlay.redirect": "/d" } };
  assert.equal(laid([opaque as Entry, whiteout("d"), whiteout("o")]), ["m/"]);
});

test("a changed file is changed under the names that nobody used, also where such a name has moved", () => {
  const upper = [folder("p", "/o"), whiteout("o")];
  const after = laid(upper, { number: 7, content: "changed" });
  assert.equal(after.slice(3, 4), ["d/g changed"]);
  assert.equal(after.slice(-2), ["p/a o/a", "p/link -> d/g"]);
  assert.throws(() => laid(upper, { number: 8, content: "changed" }), /does not say which names/);
});

test("the overlay's attributes are not the image's; what a script called so is", () => {
  const xattrs = { "trusted.overlay.impure": "y", "trusted.overlay.overlay.note": "1", "user.note": "2" };
  const sent = FileTree.of([{ ...folder("upper/d"), xattrs }]);
  const after = withUpper({ tree: BELOW, linked: new Map() }, sent, 1).get(treePath("d"));
  assert.equal(after?.xattrs, { "trusted.overlay.note": "1", "user.note": "2" });
});

test.run();

function laid(upper: readonly Entry[], index?: { readonly number: number; readonly content: string }): string[] {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(index?.number ?? 0));
  const name = `work/index/00fb210081${"0".repeat(40)}${number.toString("hex")}`;
  const sent = FileTree.of([
    ...upper.map((entry) => ({ ...entry, path: treePath(`upper/${entry.path}`) })),
    ...(index === undefined ? [] : [inlineFile(treePath(name), Buffer.from(index.content))]),
  ]);
  const after = withUpper({ tree: BELOW, linked: new Map([[7, treePath("d/g")]]) }, sent, 1);
  return after.entries().map((entry) => {
    if (entry.type === "hardlink") return `${entry.path} -> ${entry.target}`;
    return entry.type === "directory" ? `${entry.path}/` : `${entry.path} ${readWhole(entry as FileEntry).toString()}`;
  });
}

/** Its content is its path. */
function file(path: string): Entry {
  return inlineFile(treePath(path), Buffer.from(path));
}

function link(path: string, target: string): Entry {
  return { ...directoryEntry(treePath(path)), type: "hardlink", target: treePath(target) };
}

function folder(path: string, redirect?: string): Entry {
  const xattrs = redirect === undefined ? {} : { xattrs: { "trusted.overlay.redirect": redirect } };
  return { ...directoryEntry(treePath(path)), ...xattrs };
}

function whiteout(path: string): Entry {
  return { ...directoryEntry(treePath(path)), type: "character", major: 0, minor: 0 };
}
