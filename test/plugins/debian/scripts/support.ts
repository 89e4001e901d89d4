/** Packages and trees for the tests of maintainer scripts, written as a table of paths. */
import { FileTree, directoryEntry, treePath, treePathFromBytes, type Entry } from "../../../../core/index.ts";
import { atOnce } from "../../../../core/tree/turns.ts";
import { evaluateScripts, type ScriptsResult } from "../../../../plugins/debian/scripts/evaluate.ts";
import type { ScriptPackage } from "../../../../plugins/debian/scripts/world.ts";

export const PASSWD = "root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n";
export const GROUP = "root:*:0:\ndaemon:*:1:\nadm:*:4:\nshadow:*:42:\nstaff:*:50:\nusers:*:100:\nnogroup:*:65534:\n";

/** The packages that are essential in each release. */
export const ESSENTIAL =
  "base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname init-system-helpers libc-bin ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux";

/** `path` → text, `null` for a directory, `["link", target]` for a symbolic link. */
export type Layout = Readonly<Record<string, string | null | readonly ["link", string]>>;

export function treeOf(layout: Layout, origin?: string): Entry[] {
  return Object.entries(layout).map(([name, value]): Entry => {
    const path = treePath(name);
    const from = origin === undefined ? {} : { origin };
    if (value === null) return directoryEntry(path, from);
    const meta = { path, uid: 0, gid: 0, mtime: 1, ...from };
    if (typeof value !== "string") return { ...meta, type: "symlink", mode: 0o777, target: value[1] };
    const bytes = Buffer.from(value, "latin1");
    const mode = /^(#!|\x7fELF)/.test(value) ? 0o755 : 0o644;
    return { ...meta, type: "file", mode, size: bytes.length, content: { kind: "inline", bytes } };
  });
}

/** Programs of these names, or at these paths: they are there, and run on paper. */
export function programs(...names: readonly string[]): Layout {
  const pathOf = (name: string) => (name.includes("/") ? name.replace(/^\//, "") : `usr/bin/${name}`);
  return Object.fromEntries(names.map((name) => [pathOf(name), "#!program\n"]));
}

export const BASE: Layout = { "etc/passwd": PASSWD, "etc/group": GROUP, tmp: null, usr: null, var: null };

/** A package with these control files. */
export function packageOf(name: string, control: Readonly<Record<string, string>>, version = "1.0-1"): ScriptPackage {
  const files = Object.entries(control).map(([file, text]) => [file, Buffer.from(text, "latin1")] as const);
  return { id: name, name, version, architecture: "amd64", control: new Map(files) };
}

/** Evaluates one postinst over the base and a few files more. */
export function configure(
  script: string,
  layout: Layout = {},
  control: Readonly<Record<string, string>> = {},
  suite = "bookworm",
): ScriptsResult {
  const postinst = script.startsWith("#!") ? script : `#!/bin/sh\nset -e\n${script}\n`;
  return evaluate([packageOf("thing", { ...control, postinst })], layout, [], suite);
}

export function evaluate(
  packages: readonly ScriptPackage[],
  layout: Layout = {},
  owned: readonly Entry[] = [],
  suite = "bookworm",
): ScriptsResult {
  const tree = FileTree.of([...treeOf({ ...BASE, ...layout }), ...owned]);
  return atOnce(evaluateScripts({ tree, packages, architecture: "amd64", suite }));
}

/** `MODE UID:GID` of an entry, `-> TARGET` of a link; undefined where there is none. */
export function show(result: ScriptsResult, path: string): string | undefined {
  const entry = result.tree.get(treePath(path));
  if (!entry) return undefined;
  if (entry.type === "symlink") return `-> ${entry.target}`;
  return `${entry.mode.toString(8)} ${entry.uid}:${entry.gid}`;
}

export function textOf(result: ScriptsResult, path: string): string | undefined {
  const entry = result.tree.get(treePathFromBytes(path));
  if (entry?.type !== "file" || entry.content.kind !== "inline") return undefined;
  return Buffer.from(entry.content.bytes).toString("latin1");
}

/** Why a package is not covered: `LINE REASON`. */
export function refusal(result: ScriptsResult): string | undefined {
  const item = result.coverage.find((candidate) => !candidate.covered);
  return item && `${item.line ?? "-"} ${item.reason}`;
}
