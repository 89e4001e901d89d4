/** What the bin hands to the command line: all that core does not know of itself. Everything heavy is made when asked for. */
import type { OwnExports } from "../config/own-exports.ts";
import type { Plugin } from "../pipeline/plugin.ts";
import type { BuildEvent } from "../model/event.ts";

/** What a bin brings to the command line: its plugins, and its ways of telling. */
export interface Program {
  /** Where a config's `import … from "image-dsl"` leads. */
  readonly exports: OwnExports;
  /** The built-in plugins, in order. */
  plugins(): Promise<readonly Plugin[]>;
  /** Called once for each command, when it is known how it is to tell; loads what it shows with only then. */
  reporter(options: ReporterOptions): Promise<Reporter>;
}

/** How much is told, in which form and where, as `--quiet`, `--verbose`, `--explain` and `--json` ask for it. */
export interface ReporterOptions {
  /** `lines`: text for people; `json`: one event a line; `quiet`: errors only. */
  readonly mode: "lines" | "json" | "quiet";
  /** Where JSON events go: stdout, unless that carries something else. */
  readonly eventsTo: "stdout" | "stderr";
  /** Script output, layers, details without end, and stacks of errors. */
  readonly verbose: boolean;
  /** Each layer, and why it is made anew. */
  readonly explain?: boolean;
}

/** Shows what a build says. Text for people goes to stderr, but for what was made: that is the answer, on stdout. */
export interface Reporter {
  /** Takes each event of a build as it happens, at once; what cannot be written is told by `finish`. */
  event(event: BuildEvent): void;
  /** Shows message, place and hint of an `ImageDslError`; of anything else its message, and its stack where that is wanted. */
  error(error: unknown): void;
  /** Waits until what was made is told. Throws `E_NO_SPACE` or `E_OUTPUT` where it could not be. */
  finish(): Promise<void>;
  /** Leaves the terminal as it was. */
  close(): void;
}
