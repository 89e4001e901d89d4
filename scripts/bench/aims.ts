/** What a bench's figures should come to, and what they do. */
import type { Measured, MeasuredTime } from "./measure.ts";
import { BUMP, LINE } from "./node-app/node-app.ts";
import { NPM_CI, PACKAGES } from "./node-app/npm-ci.ts";
import { SAVED } from "./node-app/watch.ts";
import { COMPRESS, FIRST_PUSH } from "./shipping/first-push.ts";
import { LOAD, LOAD_WHOLE } from "./shipping/load.ts";
import { BUILDAH, DOCKER, PUSH, SKOPEO } from "./shipping/push.ts";
import { WHOLE } from "./vm/nixpkgs.ts";
import { KNOWN, PLAIN, RESTORED } from "./vm/start.ts";
import { LARGE_TREE, SMALL_TREE } from "./vm/trees.ts";
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
  packages: [{ what: "peak memory of a cold stream", atMost: 350, unit: " MB", figure: (row) => row(STREAM).peak }],
  file: [{ what: "peak memory of a cold stream", atMost: 200, unit: " MB", figure: (row) => row(STREAM).peak }],
  push: [
    { what: "from the edit to the pushed image", atMost: 0.6, unit: " s", figure: (row) => row(PUSH).seconds },
    by("ours", PUSH, "skopeo copy", SKOPEO),
    by("ours", PUSH, "building into Docker and docker push", DOCKER),
    by("ours", PUSH, "buildah commit and push", BUILDAH),
  ],
  "first-push": [
    by("first push", FIRST_PUSH, "compressing alone", COMPRESS, 1.3),
    { what: "peak memory of a first push", atMost: 200, unit: " MB", figure: (row) => row(FIRST_PUSH).peak },
  ],
  start: [
    by("whole build from the snapshot", RESTORED, "plain QEMU's", PLAIN, 0.2),
    ofJob("whole job", ({ seconds }) => seconds),
    ofJob("CPU of the job", ({ figures }) => figures["cpu"]!),
  ],
  trees: [by("the largest tree", LARGE_TREE, "the smallest", SMALL_TREE, 1.5)],
  nixpkgs: [by("ours", RESTORED, "the whole tree in and out", WHOLE)],
  "node-app": [
    { what: "a line of the source, to pushed", atMost: 1, unit: " s", figure: (row) => row(LINE).seconds },
    {
      what: "layers that a bumped package moves, package.json's among them",
      atMost: 2,
      figure: (row) => row(BUMP).figures["layers"]!,
    },
  ],
  "npm-ci": [by("packages of production", PACKAGES, "npm ci", NPM_CI)],
  watch: [{ what: "from the save to the answer", atMost: 1.5, unit: " s", figure: (row) => row(SAVED).seconds }],
  load: [by("ours", LOAD, "building and docker load of the whole image", LOAD_WHOLE)],
};

/** Of every bench that has those rows. */
const DEFAULT_JOBS: Aim = {
  what: "cold stream by the better of it and the same with one job",
  atMost: 1.05,
  figure: (row) => row(STREAM).seconds / Math.min(row(STREAM).seconds, row(ONE_JOB).seconds),
};

/** A Markdown list. */
export function aims(bench: string, rows: readonly Measured[]): string {
  const row = (name: string) => {
    const found = rows.find((each) => each.name === name);
    if (found === undefined || found.problem !== undefined) throw new Error(`"${name}" was not measured`);
    return found;
  };
  const isOfInput = rows.some(({ name }) => name === ONE_JOB);
  const lines = [...(AIMS[bench] ?? []), ...(isOfInput ? [DEFAULT_JOBS] : [])].map((aim) => {
    const { what, atMost, unit = "", figure } = aim;
    const value = figure(row);
    const text = unit === " MB" ? String(Math.round(value)) : value.toFixed(2);
    return `- ${what}: ${text}${unit}; aim: at most ${atMost}${unit}${value <= atMost ? "" : " — **missed**"}`;
  });
  return lines.join("\n");
}

/** One row's time by another's. */
function by(what: string, name: string, otherWhat: string, other: string, atMost = 1): Aim {
  return { what: `${what} by ${otherWhat}`, atMost, figure: (row) => row(name).seconds / row(other).seconds };
}

/** Without what the build takes that has no job to do. */
function ofJob(what: string, figure: (row: MeasuredTime) => number): Aim {
  return {
    what: `${what} from the snapshot, less the build with the script's result known, by plain QEMU's`,
    atMost: 0.2,
    figure: (row) => (figure(row(RESTORED)) - figure(row(KNOWN))) / figure(row(PLAIN)),
  };
}

function coldStream(atMost: number): Aim {
  return {
    what: "cold stream by tar and openssl",
    atMost,
    figure: (row) => row(STREAM).seconds / row(TAR).seconds,
  };
}
