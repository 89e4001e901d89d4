/** Where a script runs, and what reads it. */

export interface ScriptShellProgram {
  readonly path: string;
  readonly isBash: boolean;
}

export interface InnerCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether it runs in a namespace of processes of its own, which all end with it. */
  readonly ownProcesses?: boolean;
}

/** The directories of one run of a script. Absolute, private, gone afterwards. */
export interface ScriptPlace {
  /** All of it. */
  readonly work: string;
  /** The tree. */
  readonly root: string;
  readonly home: string;
  readonly temporary: string;
  /** Trees that the script asked for by `path(source)`. */
  readonly sources: string;
  /** Takes what keeps users and groups to the image's; not there before. */
  readonly names: string;
}
