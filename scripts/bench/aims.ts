/** What an input's figures should come to, and what they do. */
import type { Measured, MeasuredTime } from "./measure.ts";
import { ONE_JOB, START, STAT, STREAM, TAR, WARM } from "./rows.ts";

interface Aim {
  readonly what: string;
  readonly atMost: number;
  readonly unit?: string;
  figure(row: (name: string) => MeasuredTime): number;
}

const AIMS: Readonly<Record<string, readonly Aim[]>> = {
  closure: [
    {
      what: "cold stream, less starting up, by tar and openssl",
      atMost: 1.5,
      figure: (row) => (row(STREAM).seconds - row(START).seconds) / row(TAR).seconds,
    },
  ],
  "large-closure": [coldStream(0.8)],
  files: [
    coldStream(1.7),
    { what: "warm digest by tar and openssl", atMost: 0.7, figure: (row) => row(WARM).seconds / row(TAR).seconds },
    {
      what: "warm digest by starting Node and looking at each file",
      atMost: 3.5,
      figure: (row) => row(WARM).seconds / row(STAT).seconds,
    },
  ],
  "node-modules": [
    coldStream(3),
    { what: "warm digest by tar and openssl", atMost: 1.5, figure: (row) => row(WARM).seconds / row(TAR).seconds },
  ],
  entries: [{ what: "peak memory of a cold stream", atMost: 350, unit: " MB", figure: (row) => row(STREAM).peak }],
  file: [{ what: "peak memory of a cold stream", atMost: 200, unit: " MB", figure: (row) => row(STREAM).peak }],
};

/** Of every input. */
const DEFAULT_JOBS: Aim = {
  what: "cold stream by the better of it and the same with one job",
  atMost: 1.05,
  figure: (row) => row(STREAM).seconds / Math.min(row(STREAM).seconds, row(ONE_JOB).seconds),
};

/** A Markdown list. */
export function aims(input: string, rows: readonly Measured[]): string {
  const row = (name: string) => {
    const found = rows.find((each) => each.name === name);
    if (found === undefined || found.problem !== undefined) throw new Error(`"${name}" was not measured`);
    return found;
  };
  const lines = [...(AIMS[input] ?? []), DEFAULT_JOBS].map(({ what, atMost, unit = "", figure }) => {
    const value = figure(row);
    const text = unit === "" ? value.toFixed(2) : String(Math.round(value));
    return `- ${what}: ${text}${unit}; aim: at most ${atMost}${unit}${value <= atMost ? "" : " — **missed**"}`;
  });
  return lines.join("\n");
}

function coldStream(atMost: number): Aim {
  return {
    what: "cold stream by tar and openssl",
    atMost,
    figure: (row) => row(STREAM).seconds / row(TAR).seconds,
  };
}
