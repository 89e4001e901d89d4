/** What native addons of npm packages need of the system becomes edges of the closure. */
import * as assert from "uvu/assert";
import { FileTree, inlineFile, treePath, type ClosureNode, type Entry, type Platform } from "../../../core/index.ts";
import type { LackingObject } from "../../../plugins/elf/lacking.ts";
import { withLibraryNeeds } from "../../../plugins/elf/library-needs.ts";
import { makeElf, type ElfFixture } from "../../core/format/elf-fixture.ts";
import { suite } from "../../harness.ts";

const test = suite("elf/library-needs");

const AMD64: Platform = { os: "linux", architecture: "amd64" };
const ARM64 = 183;
const I386: ElfFixture = { machine: 3, bits: 32 };
const store = { readRecord: () => Promise.resolve(undefined), writeRecord: () => Promise.resolve() };

function node(id: string, kind: string, contents: Readonly<Record<string, ElfFixture | { readonly to: string }>>) {
  const entries = Object.entries(contents).map(([path, content]): Entry => {
    if (!("to" in content)) return inlineFile(treePath(path), makeElf(content));
    return { path: treePath(path), type: "symlink", target: content.to, mode: 0o777, uid: 0, gid: 0, mtime: 0 };
  });
  return { id, kind, name: id, tree: FileTree.of(entries), size: 0, needs: [] } satisfies ClosureNode;
}

type Needs = Readonly<Record<string, readonly string[]>>;

const needsOf = (...nodes: readonly ClosureNode[]): Promise<Needs> => needsWith([], nodes);

async function needsWith(lacking: readonly LackingObject[], nodes: readonly ClosureNode[]): Promise<Needs> {
  const graph = { nodes: new Map(nodes.map((each) => [each.id, each])), roots: [] };
  const found = await withLibraryNeeds(graph, lacking, { platform: AMD64, store });
  return Object.fromEntries([...found.nodes.values()].map(({ id, needs }) => [id, needs]));
}

const addon = { needed: ["libpq.so.5", "libc.so.6"] };

test("an addon needs whoever brings its libraries, through the links that have their names", async () => {
  const libpq = node("libpq5", "debian", {
    "/usr/lib/x86_64-linux-gnu/libpq.so.5": { to: "libpq.so.5.15" },
    "/usr/lib/x86_64-linux-gnu/libpq.so.5.15": {},
  });
  const libc = node("libc6", "debian", { "/lib/x86_64-linux-gnu/libc.so.6": {} });
  const found = await needsOf(node("pg", "npm", { "/app/a.node": addon }), libpq, libc);
  assert.equal(found, { pg: ["libc6", "libpq5"], libpq5: [], libc6: [] });
});

test("not a library of another machine or width, one that lies where no loader looks, or one that a package of npm brings", async () => {
  const found = await needsOf(
    node("pg", "npm", { "/app/a.node": addon, "/app/libpq.so.5": {} }),
    node("arm", "debian", { "/usr/lib/libc.so.6": { machine: ARM64 } }),
    node("i386", "debian", { "/usr/lib32/libc.so.6": I386 }),
    node("deep", "debian", { "/usr/lib/postgresql/15/libpq.so.5": {} }),
    node("libc6", "debian", { "/usr/lib/libc.so.6": {} }),
  );
  assert.equal(found["pg"], ["libc6"]);
});

test("a program for a machine that this host is not needs whoever brings its libraries, for that machine", async () => {
  const kind = { machine: ARM64, bits: 64, littleEndian: true } as const;
  const lacking = [{ ...kind, node: "app", path: "/app", needed: ["ld-linux-aarch64.so.1", "libpq.so.5"] }];
  const found = await needsWith(lacking, [
    node("app", "elf", {}),
    node("libc6", "debian", { "/usr/lib/ld-linux-aarch64.so.1": { machine: ARM64 } }),
    node("amd64", "debian", { "/usr/lib/libpq.so.5": {} }),
    node("libpq5", "debian", { "/usr/lib/aarch64-linux-gnu/libpq.so.5": { machine: ARM64 } }),
  ]);
  assert.equal(found["app"], ["libc6", "libpq5"]);
});

test("what an addon for another machine needs is no need of the image", async () => {
  const prebuilt = node("pg", "npm", { "/app/prebuilds/linux-arm64/a.node": { ...addon, machine: ARM64 } });
  const found = await needsOf(prebuilt, node("libc6", "debian", { "/usr/lib/libc.so.6": { machine: ARM64 } }));
  assert.equal(found["pg"], []);
});

test.run();
