/** What a runner's plugin is given by a build, for tests: real hooks, a real store, everything recorded. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Build } from "../../../core/pipeline/build.ts";
import { createBuilder } from "../../../core/pipeline/builder.ts";
import {
  FileTree,
  treePathFromBytes,
  type BuildEvent,
  type Entry,
  type ImageSpec,
  type Plugin,
  type RunContext,
} from "../../../core/index.ts";
import type { ModuleGraph } from "../../../core/model/module-graph.ts";
import type { RunSpec, Script, Source } from "../../../core/index.ts";
import { openStore } from "../../../core/store/disk-store.ts";
import { knownTree } from "../../../core/tree/known-tree.ts";
import { tmp } from "../../harness.ts";

export interface Stage {
  /** The store's. */
  readonly directory: string;
  run(script: Script, tree: FileTree, more?: Partial<RunSpec>): Promise<FileTree>;
  readonly events: BuildEvent[];
  /** The lines that scripts wrote, in order. */
  lines(): string[];
  /** What the store's directory for work in progress holds. */
  leftovers(): string[];
  abort(): void;
}

export interface StageOptions {
  readonly keepFailed?: boolean;
  readonly check?: boolean;
  readonly sources?: (source: Source) => FileTree;
  readonly moduleGraph?: ModuleGraph;
  /** A store of an earlier stage's. */
  readonly store?: string;
}

export async function stage(plugin: Plugin, runner: string, options: StageOptions = {}): Promise<Stage> {
  const directory = options.store ?? tmp();
  const store = await openStore(directory);
  const controller = new AbortController();
  const events: BuildEvent[] = [];
  const builder = createBuilder([plugin]);
  return {
    directory,
    events,
    abort: () => controller.abort(),
    lines: () => events.flatMap((event) => (event.type === "script-output" ? [event.line] : [])),
    leftovers: () => readdirSync(`${directory}/tmp`),
    async run(script, tree, more = {}) {
      const spec: RunSpec = { stage: "command", runner, name: "fakeRootCommands", script, ...more };
      const image = { mtime: 1, runs: [spec] } as unknown as ImageSpec;
      const build = new Build("app", image, { os: "linux", architecture: "amd64" });
      builder.hooks.build.call(build);
      const context = {
        signal: controller.signal,
        emit: (event: BuildEvent) => void events.push(event),
        store,
        target: "app",
        spec: image,
        platform: build.platform,
        keepFailed: options.keepFailed ?? false,
        check: options.check ?? false,
        knownTreeOf: async (source: Source) => knownTree(await (options.sources ?? noSource)(source)),
        moduleGraph: options.moduleGraph,
      } as unknown as RunContext;
      return build.hooks.run.for(runner).promise(spec, tree, context);
    },
  };
}

const COMMON = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };

export function file(path: string, text: string, more: Partial<Entry> = {}): Entry {
  const bytes = Buffer.from(text, "latin1");
  return {
    ...COMMON,
    ...more,
    type: "file",
    path: treePathFromBytes(path),
    size: bytes.length,
    content: { kind: "inline", bytes },
  };
}

export function entry(path: string, rest: { readonly type: Entry["type"] } & Record<string, unknown>): Entry {
  return { ...COMMON, ...rest, path: treePathFromBytes(path) } as unknown as Entry;
}

/** One line for each entry: what a script can have changed. */
export function listing(tree: FileTree, read: (entry: Entry) => string): string[] {
  return tree
    .entries()
    .map((each) => `${each.path} ${each.type} ${each.mode.toString(8)} ${each.uid}:${each.gid}${read(each)}`);
}

/** Processes of any user whose environment or command line holds a text. */
export function processesWith(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => `${readProc(pid, "environ")} ${readProc(pid, "cmdline")}`.includes(text))
    .map((pid) => readProc(pid, "cmdline").replaceAll("\0", " "));
}

/** Those that are there once one of them is the program that it is to become: in the middle of an exec a process has no command line. */
export async function startedWith(text: string, program: string): Promise<string[]> {
  let found = processesWith(text);
  for (let waited = 0; waited < 3000 && !found.some((line) => line.startsWith(program)); waited += 20) {
    await delay(20);
    found = processesWith(text);
  }
  return found;
}

/** Processes that work in a directory, also one that is gone. */
export function processesIn(directory: string): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && workingDirectoryOf(name).startsWith(directory));
}

function workingDirectoryOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}

/** Those that are left when what was killed has had time to go. */
export async function survivorsWith(text: string): Promise<string[]> {
  for (let waited = 0; waited < 3000 && processesWith(text).length > 0; waited += 50) await delay(50);
  return processesWith(text);
}

/** Runs the calling test file again as an ordinary user; its output is shown where it fails. */
export function passesUnprivileged(file: string): void {
  const ids = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const { status, stdout, stderr } = spawnSync("setpriv", [...ids, process.execPath, ...process.execArgv, file], {
    env: { ...process.env, HOME: "/nonexistent", TMPDIR: tmpForAll(), UNPRIVILEGED_RUN: "1" },
    encoding: "utf8",
    timeout: 110_000,
  });
  if (status !== 0) throw new Error(`As an ordinary user it failed with ${status}:\n${stdout}${stderr}`);
}

function tmpForAll(): string {
  const directory = tmp();
  spawnSync("chmod", ["1777", directory]);
  return directory;
}

function readProc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}

function noSource(): FileTree {
  return FileTree.empty;
}
