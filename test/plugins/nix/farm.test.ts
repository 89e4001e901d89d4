import * as assert from "uvu/assert";
import {
  FileTree,
  inlineFile,
  treePath,
  type BuildEvent,
  type CollectContext,
  type Entry,
  type ImageDslError,
} from "../../../core/index.ts";
import { collectNix } from "../../../plugins/nix/collect.ts";
import { rootEntries, type FarmOptions } from "../../../plugins/nix/farm.ts";
import type { NixOptions } from "../../../plugins/nix/source.ts";
import { suite } from "../../harness.ts";

const test = suite("nix/farm");

/** `a`: the store path of a hash of that digit; its files by text, its links by `-> target`. */
function storePath(digit: string): string {
  return `/nix/store/${digit.repeat(32)}-${digit}`;
}

function treeOf(digit: string, files: Readonly<Record<string, string>>): [string, FileTree] {
  const top = storePath(digit);
  const entries = Object.entries(files).map(([path, text]): Entry => {
    const at = treePath(`${top}/${path}`);
    if (!text.startsWith("-> ")) return inlineFile(at, Buffer.from(text), { mode: 0o444 });
    return { path: at, type: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: 1, target: text.slice(3) };
  });
  return [top, FileTree.of(entries)];
}

const events: BuildEvent[] = [];
function shown(trees: readonly [string, FileTree][], options: Partial<FarmOptions> = {}): string[] {
  events.length = 0;
  const roots = trees.map(([root]) => root);
  const all: FarmOptions = {
    placement: "link",
    collisions: "error",
    emit: (event) => void events.push(event),
    ...options,
  };
  return FileTree.of(rootEntries(roots, new Map(trees), all))
    .entries()
    .map((entry) => `${entry.path} ${entry.type === "symlink" ? `-> ${entry.target}` : entry.type}`);
}

test("a path of very many files is copied whole", () => {
  const files = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`f${index}`, "x"]));
  const [root, tree] = treeOf("a", files);
  const infos = new Map([[root, { path: root, references: [], narHash: "", narSize: 0 }]]);
  const closure = { options: { placement: "copy" } as NixOptions, roots: [root], infos };
  const node = { id: root, kind: "nix", volatility: "pinned", name: "a", tree, size: 0, needs: [] } as const;
  const spec = { collisions: "error", includeStorePaths: false } as CollectContext["spec"];
  assert.is(collectNix(closure, [closure], () => node, { spec, emit() {} }).image!.size, 200_000);
});

test("files become links, directories directories, links stay", () => {
  const tree = treeOf("a", { "bin/x": "x", "bin/y": "-> x", lib64: "-> lib", "lib/l": "l" });
  const file = (path: string) => `${path} -> ${storePath("a")}/${path}`;
  assert.equal(shown([tree]), [
    "bin directory",
    file("bin/x"),
    "bin/y -> x",
    "lib directory",
    file("lib/l"),
    "lib64 -> lib",
  ]);
  assert.equal(shown([tree], { placement: "copy" }), [
    "bin directory",
    "bin/x file",
    "bin/y -> x",
    "lib directory",
    "lib/l file",
    "lib64 -> lib",
  ]);
});

test("a link that would lead out of its store path leads to where it led", () => {
  const trees = [treeOf("a", { "bin/up": `-> ../../${"b".repeat(32)}-b/x`, "bin/abs": "-> /etc/x" })] as const;
  assert.equal(shown(trees), ["bin directory", "bin/abs -> /etc/x", `bin/up -> ${storePath("b")}/x`]);
});

test("a link to a directory hides nothing of another's directory (nixpkgs#102962)", () => {
  const a = treeOf("a", { "bin/x": "x", sbin: "-> bin" });
  const b = treeOf("b", { "sbin/y": "y" });
  for (const trees of [
    [a, b],
    [b, a],
  ] as const) {
    assert.equal(shown(trees), [
      "bin directory",
      `bin/x -> ${storePath("a")}/bin/x`,
      "sbin directory",
      `sbin/x -> ${storePath("a")}/bin/x`,
      `sbin/y -> ${storePath("b")}/sbin/y`,
    ]);
  }
});

test("files of the same bytes are no collision; others are told, settled, or refused", () => {
  const a = treeOf("a", { x: "same", y: "one" });
  const b = treeOf("b", { x: "same", y: "other" });
  const refused = (): ImageDslError => {
    try {
      shown([a, b]);
    } catch (error) {
      return error as ImageDslError;
    }
    throw new Error("It did not fail");
  };
  assert.is(refused().code, "E_TREE_COLLISION");
  assert.not.match(refused().message, /\/x:/);
  assert.equal(shown([a, b], { collisions: "last" }), [`x -> ${storePath("a")}/x`, `y -> ${storePath("b")}/y`]);
  assert.is(events.length, 1);
  const directory = treeOf("c", { "y/deep": "y" });
  assert.throws(() => shown([a, directory], { collisions: "first" }), /\/y: .*a\/y and .*c\/y/);
});

test("links in circles end with an error", () => {
  const loops = [treeOf("a", { x: "-> .", f: "1" }), treeOf("b", { x: "-> ./.", f: "1" })] as const;
  assert.throws(
    () => shown(loops),
    (error: ImageDslError) => error.code === "E_TREE_LINK_LOOP",
  );
});

test.run();
