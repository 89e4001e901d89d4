/** What maintainer scripts act on, and what a command emulated on paper is given. */
import type { ParsedScript } from "unbash";
import type { FileTree, TreePath } from "../../../core/index.ts";
import type { Accounts } from "./accounts.ts";
import type { Debconf } from "./debconf.ts";
import type { FileSystem } from "./file-system.ts";
import type { Release } from "./release.ts";
import type { Shell, Source } from "./shell/state.ts";

/** A package whose scripts are evaluated, or that scripts may ask about. */
export interface ScriptPackage {
  /** The closure node's id: the `origin` of its entries in the merged tree. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The control archive's members by name: `preinst`, `postinst`, `config`, `templates`, `conffiles`, … */
  readonly control: ReadonlyMap<string, Uint8Array>;
  /**
   * When it is unpacked and when configured, of the runs of dpkg that an installation takes: scripts do not see files of
   * packages that are unpacked later. Absent: all are there from the start.
   */
  readonly turn?: { readonly unpacked: number; readonly configured: number };
  /** What its archive holds, with the paths as they are there: for dpkg's list of it. */
  readonly tree?: FileTree;
}

/** Something a script asked for that has no effect on the tree, and why. */
export interface ScriptNote {
  readonly package: string;
  readonly script: string;
  readonly line: number;
  /** `service`: left to whatever runs the container. `left-out`: made elsewhere, or on purpose not at all. */
  readonly kind: "service" | "left-out";
  readonly text: string;
}

/** Packages whose scripts could not be worked out: whether what they would have made is there is not known. */
export interface LeftOutPackages {
  add(subject: ScriptPackage): void;
  mayMakeCommand(name: string): boolean;
  /** Whether a script names it as its own to make. */
  mayMakePath(path: TreePath): boolean;
}

export interface World {
  readonly files: FileSystem;
  readonly accounts: Accounts;
  readonly debconf: Debconf;
  readonly packages: readonly ScriptPackage[];
  /** dpkg's name of the image's architecture. */
  readonly architecture: string;
  /** Whose tools the scripts run. */
  readonly release: Release;
  /** What each package ships, as far as dpkg would list it: paths without leading slash. */
  readonly shippedBy: (origin: string) => readonly string[];
  readonly note: (kind: ScriptNote["kind"], text: string) => void;
  readonly current: () => ScriptPackage;
  /** Whether a package's turn to be configured is over. */
  readonly isConfigured: (id: string) => boolean;
  /** Packages whose scripts could not be worked out so far. */
  readonly leftOut: LeftOutPackages;
  /** `dpkg-trigger`: packages that are configured and interested run again, at the end. */
  readonly activateTrigger: (name: string) => void;
  /** Counts a step; throws `NotCovered` after the last. */
  readonly step: () => void;
  /** Counts what a step may multiply: bytes read, written and printed, characters compared. Throws `NotCovered`. */
  readonly spend: (units: number) => void;
  /** Throws `NotCovered` for what is no shell script. */
  readonly parse: (source: Source) => ParsedScript;
}

export interface Invocation {
  /** The command's base name. */
  readonly name: string;
  readonly args: readonly string[];
  readonly shell: Shell;
  readonly world: World;
  /** All of standard input that is left. */
  readInput(): string;
  print(text: string): void;
  printError(text: string): void;
  /** Ends the package: this cannot be evaluated exactly. */
  refuse(what: string): never;
  /** Runs another command in this shell (`env`, `su -c`, `xargs`). */
  run(argv: readonly string[], how?: RunOptions): number;
  /** Runs a script text in a subshell with these parameters. */
  runScript(text: string, name: string, parameters: readonly string[], shell?: Shell): number;
}

export interface RunOptions {
  /** Its standard input, else this command's. */
  readonly input?: string;
  /** Exported to it besides. */
  readonly variables?: ReadonlyMap<string, string>;
}

/** Gives the exit status. May throw `FileSystemError`: printed, status 1. */
export type Command = (invocation: Invocation) => number;

export type CommandTable = Readonly<Record<string, Command>>;
