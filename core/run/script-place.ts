/** Where a script runs, and what reads it. */

export interface ScriptShellProgram {
  /** Absolute, as the script sees it: inside the tree where the runner enters it. */
  readonly path: string;
  /** Another one, mostly a `sh`, gets no options that only bash has. */
  readonly isBash: boolean;
}

/** A program with its arguments, and what its environment has to have. */
export interface InnerCommand {
  /** The program first, absolute or to be found in PATH. */
  readonly command: readonly string[];
  /** Added to the script's own environment. */
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
  /** What HOME says; not the user's own. */
  readonly home: string;
  /** What TMPDIR says. */
  readonly temporary: string;
  /** Trees that the script asked for by `path(source)`. */
  readonly sources: string;
  /** Takes what keeps users and groups to the image's; not there before. */
  readonly names: string;
}
