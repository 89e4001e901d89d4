/** What changed between two recipes is told, all of it and nothing else, from summaries that stay small. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { compareRecipes } from "../../../core/explain/compare-recipes.ts";
import { summarize } from "../../../core/explain/recipe-summary.ts";
import { digestOf } from "../../../core/model/digest.ts";
import type { Entry, FileEntry } from "../../../core/model/entry.ts";
import { treePath } from "../../../core/model/path.ts";
import { suite } from "../../harness.ts";

const test = suite("explain/recipes");

const stat = { size: 3, mtimeMs: 1_700_000_000_123.5, ctimeMs: 1_700_000_000_123.5, ino: 123456, dev: 64768 };
const file = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({
  type: "file",
  path: treePath(path),
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 1,
  size: 3,
  content: { kind: "host", file: `/home/somebody/projects/app/${path}`, stat },
  origin: "app",
  ...more,
});
const packaged = (path: string, origin: string, more: Partial<FileEntry> = {}): FileEntry =>
  file(path, { origin, content: { kind: "slice", file: "/store/x", archive: digestOf(origin), offset: 512 }, ...more });

function changes(before: readonly Entry[], after: readonly Entry[]): readonly string[] {
  return compareRecipes(summarize({ entries: before }), summarize({ entries: after }));
}

test("each kind of change has its words", () => {
  const before = [file("a"), file("b"), file("c"), file("d"), packaged("usr/x", "libx"), packaged("usr/y", "liby")];
  const after = [
    file("a", { mode: 0o755, uid: 7 }),
    file("b", { content: { kind: "inline", bytes: Buffer.from("new") } }),
    file("d", { xattrs: { "user.x": "1" }, mtime: 2 }),
    file("e"),
    packaged("usr/x", "libx", { gid: 3 }),
    packaged("usr/z", "libz"),
  ];
  assert.equal(changes(before, after), [
    "libx: owner",
    "liby: removed",
    "libz: added",
    "/a: mode 644 → 755, owner 0:0 → 7:0",
    "/b: content",
    "/c: removed",
    "/d: time 1 → 2, attributes",
    "/e: added",
  ]);
  assert.equal(changes(before, before), []);
});

test("a type that changes, a link that leads elsewhere, a name with odd bytes", () => {
  const meta = { mode: 0o777, uid: 0, gid: 0, mtime: 1 };
  const link = (target: string): Entry => ({ ...meta, type: "symlink", path: treePath("l"), target });
  assert.equal(changes([link("a b")], [link("a c")]), ["/l: content"]);
  assert.match(changes([link("a")], [file("l")])[0]!, /^\/l: type symlink → file, /);
});

test("whatever differs is told, and only that", () => {
  const entry = fc.record({
    mode: fc.constantFrom(0o644, 0o755),
    uid: fc.nat(2),
    gid: fc.nat(2),
    mtime: fc.nat(2),
    size: fc.nat(2),
    inPackage: fc.boolean(),
  });
  const recipe = fc
    .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d"), entry), { selector: ([name]) => name, minLength: 1 })
    .map((rows) =>
      rows
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { inPackage, ...meta }]) => (inPackage ? packaged(name, "pkg", meta) : file(name, meta))),
    );
  fc.assert(
    fc.property(recipe, recipe, (before, after) => {
      const same = JSON.stringify(before) === JSON.stringify(after);
      assert.is(changes(before, after).length === 0, same);
    }),
  );
});

test("stored, host files take at most 100 bytes each and an 800 MB layer of packages less than 64 KiB", () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    file(`node_modules/some-package-${i % 400}/dist/esm/module-${i}.js`),
  );
  const hosts = JSON.stringify(summarize({ entries: many })).length;
  assert.ok(hosts <= 100 * many.length, `${hosts / many.length} bytes each`);
  // As many as Debian has in that size: some 300 packages with 30,000 files.
  const packages = Array.from({ length: 30_000 }, (_, i) =>
    packaged(`usr/share/doc/package-${i % 300}/file-${i}`, `debian:amd64/package-${i % 300}=1:2.3.4-5+deb12u6`),
  );
  const stored = JSON.stringify(summarize({ entries: packages })).length;
  assert.ok(stored < 64 * 1024, `${stored} bytes`);
});

test.run();
