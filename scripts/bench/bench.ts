/** What a bench is: it makes what it measures, and its section of the document tells of it. */
import type { BenchRow, Measured } from "./measure.ts";

export interface Bench {
  readonly name: string;
  /** Free disk, in GB, that making and measuring it takes. */
  readonly gigabytes: number;
  /** Below an empty folder. `cli` is image-dsl's command line, for the shell. */
  make(folder: string, cli: string): Promise<MadeBench>;
}

export interface MadeBench {
  /** What is measured, with its figures. */
  readonly title: string;
  readonly rows: readonly BenchRow[];
  /** As Markdown. */
  table(rows: readonly Measured[]): string;
  /** Ends what was started for it. */
  close?(): Promise<void>;
}
