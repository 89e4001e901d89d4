/** What the bin hands to the command line: all that core does not know of itself. Everything heavy is made when asked for. */
import type { OwnExports } from "../config/own-exports.ts";
import type { Plugin } from "../pipeline/plugin.ts";
import type { BuildEvent } from "../model/event.ts";

export interface Program {
  readonly exports: OwnExports;
  /** The built-in plugins, in order. */
  plugins(): Promise<readonly Plugin[]>;
  reporter(options: ReporterOptions): Promise<Reporter>;
}

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
  event(event: BuildEvent): void;
  error(error: unknown): void;
  /** Waits until what was made is told. Throws `E_NO_SPACE` or `E_OUTPUT` where it could not be. */
  finish(): Promise<void>;
  /** Leaves the terminal as it was. */
  close(): void;
}
