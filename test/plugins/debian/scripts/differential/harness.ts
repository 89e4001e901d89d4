/**
 * Snippets of shell against the real tools: each runs on paper and, in a root directory of its own with the host's
 * /usr, for real; output, status and the tree afterwards must be the same. All snippets of a call share one sandbox.
 * What we refuse is counted, never compared: a refusal is no guess.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { requireTool, tmp } from "../../../../harness.ts";
import { IS_THOROUGH } from "../../../../sampled.ts";
import { BASE, type Layout, configure, refusal } from "../support.ts";

export interface Snippet {
  readonly text: string;
  /** What interprets it; dash by default. */
  readonly shell?: "sh" | "bash";
  /** What is there before, besides the base of `support.ts`. */
  readonly files?: Layout;
}

interface Outcome {
  readonly output: string;
  readonly status: string;
  /** `path: what it is`, sorted. Without /usr, and without times. */
  readonly tree: readonly string[];
}

export interface Comparison {
  readonly same: number;
  readonly refused: readonly { readonly text: string; readonly reason: string }[];
  /** Each with the snippet and both outcomes, ready to print. */
  readonly different: readonly string[];
}

/** In the layouts of both sides: what a Debian root has, and the tools' places lead through. */
const ROOT_LAYOUT: Layout = {
  ...BASE,
  bin: ["link", "usr/bin"],
  sbin: ["link", "usr/sbin"],
  lib: ["link", "usr/lib"],
  lib64: ["link", "usr/lib64"],
  dev: null,
  "etc/alternatives/awk": ["link", "/usr/bin/mawk"],
  "etc/alternatives/which": ["link", "/usr/bin/which.debianutils"],
};

const ENVIRONMENT = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "PWD=/",
  "DEBIAN_FRONTEND=noninteractive",
  "DPKG_ADMINDIR=/var/lib/dpkg",
  "DPKG_ROOT=",
  "DPKG_MAINTSCRIPT_ARCH=amd64",
  "DPKG_MAINTSCRIPT_NAME=postinst",
  "DPKG_MAINTSCRIPT_PACKAGE=thing",
  "DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1",
];

/** What a snippet may take for real: some of what is generated never ends, and writes or grows as long as it runs. */
const LIMITS = "ulimit -f 2048; ulimit -v 1000000";
const SECONDS = 10;

/** Of generated snippets CI takes the first third. */
const SHARE = IS_THOROUGH ? 1 : 3;

/** Fails where a snippet that is worked out gives something else than the real tools, or too many are refused of all that are generated, or of a table. */
export function assertSame(
  snippets: readonly Snippet[],
  most: { readonly refused: number; readonly isTable?: boolean },
): void {
  const { different, refused } = compare(snippets);
  assert.is(
    different
      .slice(0, 10)
      .map((text) => text.slice(0, 1_500))
      .join("\n\n"),
    "",
    `${different.length} of ${snippets.length} differ`,
  );
  const listed = refused.map(({ text, reason }) => `${reason}: ${text}`).join("\n");
  assert.ok(
    refused.length <= Math.ceil(most.refused / (most.isTable ? 1 : SHARE)),
    `${refused.length} of ${snippets.length} are refused:\n${listed}`,
  );
}

/** The same snippets each time for the same seed; `count` of them in all. */
export function generate<T>(arbitrary: fc.Arbitrary<T>, count: number, seed = 14): readonly T[] {
  return fc.sample(arbitrary, { numRuns: Math.ceil(count / SHARE), seed });
}

export function compare(snippets: readonly Snippet[]): Comparison {
  const real = runForReal(snippets);
  const refused: { text: string; reason: string }[] = [];
  const different: string[] = [];
  for (const [index, snippet] of snippets.entries()) {
    const ours = runOnPaper(snippet);
    if (typeof ours === "string") refused.push({ text: snippet.text, reason: ours });
    else if (show(ours) !== show(real[index]!)) {
      const { own, theirs } = onlyWhatDiffers(ours, real[index]!);
      different.push(`SNIPPET\n${snippet.text}\nOURS\n${show(own)}\nREAL\n${show(theirs)}`);
    }
  }
  return { same: snippets.length - refused.length - different.length, refused, different };
}

function show({ output, status, tree }: Outcome): string {
  return `${JSON.stringify(output)} ${status}\n${tree.join("\n")}`;
}

function onlyWhatDiffers(ours: Outcome, real: Outcome): { readonly own: Outcome; readonly theirs: Outcome } {
  const own = ours.tree.filter((line) => !real.tree.includes(line));
  const theirs = real.tree.filter((line) => !ours.tree.includes(line));
  return { own: { ...ours, tree: own }, theirs: { ...real, tree: theirs } };
}

function scriptOf(snippet: Snippet): string {
  return `#!/bin/${snippet.shell ?? "sh"}\n${snippet.text}\n`;
}

/** The outcome, or why it is refused. */
function runOnPaper(snippet: Snippet): Outcome | string {
  const result = configure(`#!/bin/sh\n/snippet >/output\necho "$?" >/status\n`, {
    ...ROOT_LAYOUT,
    ...snippet.files,
    snippet: scriptOf(snippet),
  });
  const reason = refusal(result);
  if (reason !== undefined) return reason;
  const texts = new Map<string, string>();
  const tree: string[] = [];
  for (const entry of result.tree.entries()) {
    if (entry.path === "") continue;
    let what = `${entry.type} ${entry.mode.toString(8)} ${entry.uid}:${entry.gid}`;
    if (entry.type === "symlink") what = `symlink ${entry.uid}:${entry.gid} ${entry.target}`;
    const file = entry.type === "hardlink" ? result.tree.get(entry.target) : entry;
    if (file?.type === "file") {
      const text = file.content.kind === "inline" ? Buffer.from(file.content.bytes).toString("latin1") : "?";
      texts.set(entry.path, text);
      what = `file ${file.mode.toString(8)} ${file.uid}:${file.gid} ${JSON.stringify(text)}`;
    }
    if (isCompared(entry.path)) tree.push(`/${entry.path}: ${what}`);
  }
  return { output: texts.get("output") ?? "", status: texts.get("status")?.trim() ?? "", tree: tree.sort() };
}

function isCompared(path: string): boolean {
  return !/^(usr|dev)\/|^(output|status|snippet)$/.test(path);
}

function runForReal(snippets: readonly Snippet[]): readonly Outcome[] {
  requireTool("mawk");
  const bwrap = requireTool("bwrap");
  const folder = tmp();
  for (const [index, snippet] of snippets.entries()) {
    const layout = { ...ROOT_LAYOUT, ...snippet.files, snippet: scriptOf(snippet) };
    writeLayout(join(folder, String(index)), layout);
  }
  const loop = [
    LIMITS,
    'for root in /roots/*; do cd "$root" && mount --rbind /usr usr; mount --bind /dev dev',
    `timeout ${SECONDS} chroot . env -i ${ENVIRONMENT.join(" ")} /snippet </dev/null >output 2>/dev/null`,
    "echo $? >status; done",
  ].join("\n");
  const system = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin"];
  const libraries = ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--dev", "/dev"];
  const rest = ["--bind", folder, "/roots", "--unshare-net", "--unshare-pid", "--die-with-parent", "--cap-add", "ALL"];
  const done = spawnSync(bwrap, [...system, ...libraries, ...rest, "sh", "-c", loop], { encoding: "latin1" });
  assert.is(done.status, 0, done.stderr || String(done.error));
  assert.is(done.stderr, "");
  const outcomes = snippets.map((_snippet, index) => readOutcome(join(folder, String(index))));
  // Tens of thousands of files: left to the end, they would look like a test that does not end.
  rmSync(folder, { recursive: true, force: true });
  return outcomes;
}

function writeLayout(root: string, layout: Layout): void {
  mkdirSync(root);
  for (const [path, value] of Object.entries(layout)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (value === null) mkdirSync(place, { recursive: true });
    else if (typeof value !== "string") symlinkSync(value[1], place);
    else {
      writeFileSync(place, value, "latin1");
      chmodSync(place, value.startsWith("#!") ? 0o755 : 0o644);
    }
  }
}

function readOutcome(root: string): Outcome {
  const tree: string[] = [];
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(root, folder), "latin1")) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const place = Buffer.from(join(root, path), "latin1");
      const stat = lstatSync(place);
      const owner = `${stat.uid}:${stat.gid}`;
      const mode = (stat.mode & 0o7777).toString(8);
      let what = `${stat.isFIFO() ? "fifo" : "directory"} ${mode} ${owner}`;
      if (stat.isSymbolicLink()) what = `symlink ${owner} ${readlinkSync(place, "latin1")}`;
      else if (stat.isFile()) what = `file ${mode} ${owner} ${JSON.stringify(readFileSync(place, "latin1"))}`;
      if (isCompared(path)) tree.push(`/${path}: ${what}`);
      if (stat.isDirectory()) visit(path);
    }
  };
  visit("");
  const text = (name: string) => readFileSync(join(root, name), "latin1");
  return { output: text("output"), status: text("status").trim(), tree: tree.sort() };
}
