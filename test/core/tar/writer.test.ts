import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import fc from "fast-check";
import { PYTHON, requireTool, suite, tmp } from "../../harness.ts";
import { runs } from "../../sampled.ts";
import { digestOf } from "../../../core/model/digest.ts";
import type { Entry } from "../../../core/model/entry.ts";
import { treePathFromBytes, type TreePath } from "../../../core/model/path.ts";
import { headerSize } from "../../../core/tar/header.ts";
import { indexTar } from "../../../core/tar/index-tar.ts";
import { tarChunks, tarSize } from "../../../core/tar/writer.ts";
import { FileTree, directoryEntry } from "../../../core/tree/file-tree.ts";
import { readWhole } from "../../../core/tree/content.ts";
import { sameEntry } from "../../../core/tree/equal.ts";

const test = suite("tar/writer");

const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };

function file(path: string, bytes: Uint8Array, more: Partial<Entry> = {}): Entry {
  return {
    ...meta,
    ...more,
    type: "file",
    path: treePathFromBytes(path),
    size: bytes.length,
    content: { kind: "inline", bytes },
  } as Entry;
}

function pack(entries: Iterable<Entry>): Buffer {
  const chunks: Buffer[] = [];
  // A chunk stays valid until the one after the next is asked for.
  for (const chunk of tarChunks(entries)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What Python's tarfile, a reader of other hands, sees. Names as latin1. */
function pythonSees(tar: Buffer): { name: string; type: string; [key: string]: unknown }[] {
  const path = join(tmp(), "layer.tar");
  writeFileSync(path, tar);
  const script = `
import tarfile, json, sys
def b(s): return s.encode('utf-8', 'surrogateescape').decode('latin1')
out = []
with tarfile.open(sys.argv[1], 'r:', errors='surrogateescape') as t:
    for m in t:
        out.append(dict(name=b(m.name), type=m.type.decode(), mode=m.mode, uid=m.uid, gid=m.gid, mtime=int(m.mtime),
            size=m.size, link=b(m.linkname), major=m.devmajor, minor=m.devminor,
            xattrs={k[13:]: b(v) for k, v in m.pax_headers.items() if k.startswith('SCHILY.xattr.')},
            body=t.extractfile(m).read().hex() if m.isreg() and m.size < 5000 else ''))
json.dump(out, sys.stdout)`;
  const { stdout, stderr } = spawnSync(PYTHON, ["-c", script, path], { encoding: "utf8", maxBuffer: 1 << 28 });
  assert.ok(stdout, stderr);
  return JSON.parse(stdout) as ReturnType<typeof pythonSees>;
}

const AWKWARD: readonly Entry[] = FileTree.of([
  { ...directoryEntry("sticky" as TreePath), mode: 0o1777 },
  file("none", Buffer.from("x"), { mode: 0 }),
  file("setuid", Buffer.from("x"), { mode: 0o4755 }),
  file("big-ids", Buffer.from("x"), { uid: 300_000, gid: 3_000_000 }),
  file("later", Buffer.from("x"), { mtime: 2_500_000_000 }),
  file("before", Buffer.from("x"), { mtime: -5 }),
  file("after-2242", Buffer.from("x"), { mtime: 9_000_000_000 }),
  file("a".repeat(100), Buffer.from("100")),
  file(`${"b".repeat(154)}/${"c".repeat(99)}`, Buffer.from("prefix")),
  file(`${"d".repeat(250)}/${"e".repeat(50)}`, Buffer.from("pax")),
  file(Buffer.from("käse/日本").toString("latin1"), Buffer.from("utf8")),
  file("odd-\xff\xfe", Buffer.from("not utf8")),
  file("cap", Buffer.from("x"), {
    xattrs: { "security.capability": "\x01\x00\x00\x02\x00\x20\x00\xff", "user.a": "1" },
  }),
  { ...meta, type: "hardlink", path: "z-link" as TreePath, target: "none" as TreePath, mode: 0 },
  { ...meta, type: "symlink", path: "link" as TreePath, target: `/${"e".repeat(200)}`, mode: 0o777 },
  { ...meta, type: "character", path: "null" as TreePath, major: 1, minor: 3, mode: 0o666 },
  { ...meta, type: "block", path: "disk" as TreePath, major: 259, minor: 300_000 },
  { ...meta, type: "fifo", path: "pipe" as TreePath },
]).entries();

test("Python's tarfile reads every awkward entry as it was meant", () => {
  requireTool("python3");
  const seen = new Map(pythonSees(pack(AWKWARD)).map((member) => [member.name, member]));
  assert.is(seen.size, AWKWARD.length);
  for (const entry of AWKWARD) {
    const member = seen.get(entry.path);
    assert.ok(member, entry.path);
    assert.is(member["mode"], entry.mode, entry.path);
    assert.is(member["uid"], entry.uid, entry.path);
    assert.is(member["gid"], entry.gid, entry.path);
    assert.is(member["mtime"], entry.mtime, entry.path);
    if (entry.type === "file") assert.is(member["body"], Buffer.from(readWhole(entry)).toString("hex"), entry.path);
    if (entry.type === "symlink" || entry.type === "hardlink") assert.is(member["link"], entry.target);
    if (entry.type === "character" || entry.type === "block") {
      assert.equal([member["major"], member["minor"]], [entry.major, entry.minor]);
    }
    assert.equal(member["xattrs"], { ...entry.xattrs }, entry.path);
  }
});

test("our own reader gives the same entries back", async () => {
  const tar = pack(AWKWARD);
  const path = join(tmp(), "layer.tar");
  writeFileSync(path, tar);
  const tree = await indexTar(once(tar), { file: path, archive: digestOf(tar) });
  assert.is(tree.size, AWKWARD.length);
  for (const entry of AWKWARD) {
    const back = tree.get(entry.path)!;
    assert.ok(sameEntry(back, entry), entry.path);
    assert.is(back.mtime, entry.mtime);
  }
});

test("the size is known before anything is read", () => {
  assert.is(tarSize(AWKWARD), pack(AWKWARD).length);
  const huge = { ...file("huge", new Uint8Array(0)), size: 9 * 1024 ** 3 } as Entry;
  // A pax header (two blocks and one of records) comes in front from 8 GiB.
  assert.is(headerSize(huge), 3 * 512);
  assert.is(tarSize([huge]), 3 * 512 + 9 * 1024 ** 3 + 1024);
});

test("chunks join without a seam whatever the sizes", () => {
  const sizes = fc.array(fc.oneof(fc.nat(3000), fc.nat(1_200_000)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const entries = lengths.map((length, index) => file(`f${index}`, Buffer.alloc(length, 65 + index)));
      const tar = pack(entries);
      assert.is(tar.length, tarSize(entries));
      let at = 0;
      for (const [index, length] of lengths.entries()) {
        assert.is(tar.toString("latin1", at, at + 2), `f${index}`);
        assert.ok(tar.subarray(at + 512, at + 512 + length).every((byte) => byte === 65 + index));
        at += 512 + Math.ceil(length / 512) * 512;
      }
      assert.ok(tar.subarray(at).every((byte) => byte === 0));
    }),
    { numRuns: runs(30) },
  );
});

test("GNU tar finds the bytes of files of every size around the pieces' borders", () => {
  const KiB = 1024;
  const sizes = [0, 1, 511, 512, 513, 512 * KiB, 1024 * KiB, 1536 * KiB, 3072 * KiB].flatMap((size) => [
    size,
    size + 1,
    Math.max(0, size - 1),
  ]);
  const entries = [...new Set(sizes)].map((size, index) => {
    const bytes = Buffer.alloc(size, `${index},`);
    return { path: `f${String(100 + index)}`, bytes };
  });
  const folder = tmp();
  writeFileSync(join(folder, "x.tar"), pack(entries.map(({ path, bytes }) => file(path, bytes))));
  const { status, stderr } = spawnSync("tar", ["-xf", "x.tar"], { cwd: folder, encoding: "utf8" });
  assert.is(status, 0, stderr);
  for (const { path, bytes } of entries) assert.ok(readFileSync(join(folder, path)).equals(bytes), path);
});

test("names of any bytes and lengths survive the round trip", async () => {
  const component = fc
    .array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 120 })
    .map((bytes) => String.fromCharCode(...bytes).replaceAll("/", "_"))
    .filter((name) => name !== "." && name !== "..");
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.array(component, { minLength: 1, maxLength: 4 }), { maxLength: 10 }),
      async (paths) => {
        const entries = paths.map((parts) => file(["top", ...parts, "leaf"].join("/"), Buffer.from("x")));
        const tree = FileTree.of(new Map(entries.map((entry) => [entry.path, entry])).values());
        const tar = pack(tree.entries());
        const back = await indexTar(once(tar), { file: "", archive: digestOf(tar) });
        assert.equal(
          back.entries().map(({ path, type }) => [path, type]),
          tree.entries().map(({ path, type }) => [path, type]),
        );
      },
    ),
    { numRuns: runs(100) },
  );
});

test.run();
