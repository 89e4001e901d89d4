/** What ldconfig would do, against what it does. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import {
  FileTree,
  decodeLdSoCache,
  hostPath,
  lookup,
  treePath,
  walk,
  withEntries,
  type Entry,
  type SymlinkEntry,
} from "../../../core/index.ts";
import { emulateLdconfig } from "../../../plugins/ldconfig/ldconfig.ts";
import { findGlibc } from "../../../plugins/ldconfig/loader.ts";
import { withLoaderCache } from "../../../plugins/ldconfig/plugin.ts";
import { makeElf, type ElfFixture } from "../../core/format/elf-fixture.ts";
import { requireTool, suite, tmp } from "../../harness.ts";
import { copyChain, hostLibc, rootWithGlibc, runAsRoot } from "../elf/glibc-root.ts";

const test = suite("ldconfig");
const CACHE = treePath("etc/ld.so.cache");

test("the libraries of this host give the same bytes as ldconfig", () => {
  const root = rootWithGlibc();
  const folder = dirname(hostLibc());
  const names = readdirSync(folder)
    .filter((name) => /^lib.*\.so/.test(name))
    .toSorted();
  const step = Math.ceil(names.length / 150);
  for (const name of names.filter((_, index) => index % step === 0)) copyChain(root, join(folder, name));
  compare(root);
});

test("odd names, links, directories and configuration give the same bytes and links as ldconfig", () => {
  const root = rootWithGlibc();
  // Configuration: includes, relative ones too, comments, repeats, links and what is not there.
  put(
    root,
    "etc/ld.so.conf",
    "# comment\n  /opt/a/lib/   # behind\ninclude ld.so.conf.d/*.conf /etc/extra.conf\nhwcap 0 nosegneg\n/opt/missing\n/opt/typed=libc6\n",
  );
  put(root, "etc/ld.so.conf.d/b.conf", "/opt/b\n\n/opt/link-to-a\n");
  put(root, "etc/ld.so.conf.d/a.conf", "/opt/c//\n/lib\n");
  put(root, "etc/ld.so.conf.d/.hidden.conf", "/opt/hidden\n");
  put(root, "etc/ld.so.conf.d/not.txt", "/opt/hidden\n");
  put(root, "etc/extra.conf", "include /etc/[a-e]xtr?.conf2\n/etc/ld.so.conf\n");
  put(root, "etc/extra.conf2", "/opt/d");
  link(root, "opt/link-to-a", "a/lib");
  // Versions: the newest by number gets the soname; a link is no version.
  elf(root, "opt/a/lib/libv.so.1.9", { soname: "libv.so.1" });
  elf(root, "opt/a/lib/libv.so.1.10", { soname: "libv.so.1" });
  link(root, "opt/a/lib/libv.so", "libv.so.1.10");
  elf(root, "opt/b/libv.so.1.2", { soname: "libv.so.1" });
  // Links that lead elsewhere, nowhere and around; a file in the soname's place.
  elf(root, "opt/b/libold.so.1.0", { soname: "libold.so.1" });
  elf(root, "opt/b/libold.so.1.1", { soname: "libold.so.1" });
  link(root, "opt/b/libold.so.1", "libold.so.1.0");
  elf(root, "opt/b/libstale.so.3.1", { soname: "libstale.so.3" });
  link(root, "opt/b/libstale.so.3", "gone");
  link(root, "opt/b/libloop.so", "libloop.so");
  elf(root, "opt/b/liba-impl.so", { soname: "libz9.so.9" });
  elf(root, "opt/b/libb-impl.so", { soname: "libz9.so.9" });
  link(root, "opt/b/libz9.so.9", "liba-impl.so");
  elf(root, "opt/b/libreal.so.1.0", { soname: "libreal.so.1" });
  put(root, "opt/b/libreal.so.1", "not a library");
  elf(root, "opt/b/libdev-impl.so.2", { soname: "libdev.so.1" });
  link(root, "opt/b/libdev.so", "libdev-impl.so.2");
  link(root, "opt/b/libother.so", "libdev-impl.so.2");
  link(root, "opt/b/libaway.so.1", "/opt/c/libno.so.5");
  // Names: what counts as a library, with and without a soname.
  elf(root, "opt/c/libno.so.5", {});
  elf(root, "opt/c/ld-thing.so.1", { soname: "ld-thing.so.1" });
  elf(root, "opt/c/ld.so.1", {});
  elf(root, "opt/c/ld64.so.1", {});
  elf(root, "opt/c/notlib.so", {});
  elf(root, "opt/c/libnodot-so", {});
  elf(root, "opt/c/libpre.so.1.#prelink#", {});
  elf(root, "opt/c/libpre.so.2.#prelink#.AbCdEf", {});
  elf(root, "opt/c/lib1.so.01", {});
  elf(root, "opt/c/lib.so.2.0x", {});
  elf(root, "opt/c/libtail.so", { soname: "tail.so" });
  mkdirSync(join(root, "opt/c/libdir.so"));
  link(root, "opt/c/liblinkdir.so", "libdir.so");
  // What only looks like one.
  put(root, "opt/c/libscript.so", "GROUP ( /lib/libc.so.6 )\n");
  put(root, "opt/c/libempty.so", "");
  elf(root, "opt/c/libexe.so", { type: 2 });
  elf(root, "opt/c/libstatic.so", { dynamic: false });
  put(root, "opt/c/libcut.so", makeElf({ soname: "libcut.so" }).subarray(0, 0x900));
  elf(root, "opt/c/libarm.so", { machine: 183, soname: "libarm.so.1" });
  // Other ABIs of the same loader.
  elf(root, "opt/d/lib32.so.1", { bits: 32, machine: 3, soname: "lib32.so.1", needed: ["libc.so.6"] });
  elf(root, "opt/d/lib32data.so.1", { bits: 32, machine: 3, soname: "lib32data.so.1" });
  elf(root, "opt/d/libx32.so.1", { bits: 32, soname: "libx32.so.1" });
  elf(root, "opt/typed/libt.so.1.0", { soname: "libt.so.1" });
  elf(root, "opt/hidden/libh.so.1", {});
  // Processors: used and unused directories, a file with another level, no links made.
  elf(root, "opt/a/lib/glibc-hwcaps/x86-64-v3/libv.so.1.11", { soname: "libv.so.1", isaNeeded: 0b101 });
  elf(root, "opt/a/lib/glibc-hwcaps/x86-64-v2/libv.so.1.10", { soname: "libv.so.1", isaNeeded: 2 });
  elf(root, "opt/b/glibc-hwcaps/x86-64-v3/libv.so.1", {});
  mkdirSync(join(root, "opt/a/lib/glibc-hwcaps/unused"));
  mkdirSync(join(root, "opt/a/lib/glibc-hwcaps/.hidden"));
  elf(root, "opt/a/lib/glibc-hwcaps/a:b/libcolon.so.1", {});
  compare(root);
});

test("without configuration, the loader's own directories are looked into", () => {
  const root = rootWithGlibc();
  elf(root, "usr/lib/libz1.so.1.0", { soname: "libz1.so.1" });
  compare(root);
});

test("a folder of configuration counts without the file that includes it", () => {
  const root = rootWithGlibc();
  elf(root, "opt/lib/libz1.so.1", { soname: "libz1.so.1" });
  put(root, "etc/ld.so.conf.d/a.conf", "/opt/lib\n");
  const names = listed(withLoaderCache(treeOf(root), "amd64"));
  assert.ok(names.includes("/opt/lib/libz1.so.1"));
});

test("the image's cache is added with the links that were missing, for the loader's own architecture", () => {
  for (const [machine, bits, littleEndian, architecture, path] of [
    [183, 64, true, "arm64", "lib/ld-linux-aarch64.so.1"],
    [22, 64, false, "s390x", "lib/ld64.so.1"],
  ] as const) {
    const kind = { machine, bits, littleEndian };
    const defaults = Buffer.from(`/lib/\0/usr/lib/\0/etc/ld.so.cache\0`, "latin1");
    const loader = Buffer.concat([makeElf({ ...kind, soname: "ld.so.1" }), defaults]);
    const banner = Buffer.from("GNU C Library (Distribution 2.38) stable release version 2.38.\n");
    const tree = FileTree.of([
      fileOf(path, loader),
      fileOf("lib/libc.so.6", Buffer.concat([makeElf({ ...kind, soname: "libc.so.6" }), banner])),
      fileOf("usr/lib/libx.so.1.5", makeElf({ ...kind, soname: "libx.so.1" })),
      fileOf("usr/lib/libforeign.so.1", makeElf({ machine: 62 })),
    ]);
    const result = withLoaderCache(tree, architecture);
    const made = result.get(treePath("usr/lib/libx.so.1"));
    assert.is(made?.type === "symlink" && made.target, "libx.so.1.5");
    const entry = result.get(CACHE);
    assert.ok(entry?.type === "file" && entry.content.kind === "inline");
    assert.equal([entry.mode, entry.uid, entry.gid, entry.mtime, entry.origin], [0o644, 0, 0, 1, "image"]);
    const cache = decodeLdSoCache(entry.content.bytes);
    assert.is(cache.littleEndian, littleEndian);
    assert.is(cache.generator, "ldconfig (Distribution 2.38) stable release version 2.38");
    assert.ok(cache.entries.some(({ path: to }) => to === "/usr/lib/libx.so.1"));
    assert.not.ok(cache.entries.some(({ path: to }) => to.includes("foreign")));
  }
});

test("trees without glibc and caches that somebody put there stay as they are", () => {
  const empty = FileTree.of([fileOf("lib/libx.so.1", makeElf({}))]);
  assert.is(withLoaderCache(empty, "amd64"), empty);
  const root = rootWithGlibc();
  const own = withEntries(treeOf(root), [{ ...fileOf("etc/ld.so.cache", Buffer.from("mine")), origin: "files:1" }]);
  assert.is(withLoaderCache(own, "amd64"), own);
});

test("a base's cache is kept while it is right and replaced when it is not", () => {
  const root = rootWithGlibc();
  runAsRoot([requireTool("ldconfig"), "-i", "-c", "compat", "-r", root]);
  const base = treeOf(root);
  const cache = { ...base.get(CACHE)!, origin: "base" };
  assert.is(withLoaderCache(withEntries(base, [cache]), "amd64").get(CACHE), cache);
  const more = withEntries(base, [cache, fileOf("usr/lib/libnew.so.1", makeElf({}))]);
  assert.ok(listed(withLoaderCache(more, "amd64")).includes("/lib/libnew.so.1"));
});

test("a soname cannot make links in other directories", () => {
  const root = rootWithGlibc();
  for (const [index, soname] of ["../../etc/passwd", "/etc/x", "..", ".", ""].entries())
    elf(root, `usr/lib/libevil${index}.so`, { soname });
  const { links } = emulateLdconfig(treeOf(root), findGlibc(treeOf(root), "amd64")!);
  assert.equal(links, []);
});

test.run();

function put(root: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function elf(root: string, path: string, shape: ElfFixture): void {
  put(root, path, makeElf(shape));
  chmodSync(join(root, path), 0o755);
}

function link(root: string, path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

function treeOf(root: string): FileTree {
  return FileTree.of(walk(hostPath(root), { dest: treePath("/"), modes: "git" }));
}

function fileOf(path: string, bytes: Buffer): Entry {
  return {
    type: "file",
    path: treePath(path),
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtime: 1,
    size: bytes.length,
    content: { kind: "inline", bytes },
  };
}

function listed(tree: FileTree): string[] {
  const entry = lookup(tree, "/etc/ld.so.cache");
  assert.ok(entry?.type === "file" && entry.content.kind === "inline");
  return decodeLdSoCache(entry.content.bytes).entries.map(({ path }) => path);
}

/** Runs the real one, which makes its links in `root`, and compares bytes, listing and links. */
function compare(root: string): void {
  const ldconfig = requireTool("ldconfig");
  const tree = treeOf(root);
  const glibc = findGlibc(tree, "amd64");
  assert.ok(glibc !== undefined);
  const { cache, links } = emulateLdconfig(tree, glibc);
  runAsRoot([ldconfig, "-i", "-r", root]);

  const after = treeOf(root);
  const isNew = (entry: Entry): entry is SymlinkEntry => {
    const before = tree.get(entry.path);
    return entry.type === "symlink" && !(before?.type === "symlink" && before.target === entry.target);
  };
  const show = ({ path, target }: SymlinkEntry): string => `${path} -> ${target}`;
  assert.equal(links.map(show).toSorted(), after.entries().filter(isNew).map(show).toSorted());

  const ours = join(tmp(), "ours");
  writeFileSync(ours, cache);
  const real = join(root, "etc/ld.so.cache");
  const list = (file: string): string =>
    execFileSync(ldconfig, ["-p", "-C", file], { encoding: "latin1", env: { LC_ALL: "C" } }).replace(file, "FILE");
  assert.fixture(list(ours), list(real));
  assert.ok(cache.equals(readFileSync(real)), "other bytes than ldconfig's");
}
