/** Bytes into a guest and out of it: what scripts read and write, beside one that does nothing. */
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Measured, MeasuredTime } from "../measure.ts";
import { markdown } from "../table.ts";
import { jobColumns } from "./job-table.ts";
import { ownJob } from "./own-job.ts";
import { tellingOwnCpu } from "./timed-job.ts";
import { sizeText, writeTree } from "./tree.ts";

const NOTHING = "a script that does nothing";
const SIZE = { megabytes: 200, files: 8000 };
const BIG = 1_000_000_000;

interface Passage {
  readonly name: string;
  readonly megabytes: number;
  readonly script: string;
}

const PASSAGES: readonly Passage[] = [
  {
    name: `reads a tree of ${sizeText(SIZE)}`,
    megabytes: SIZE.megabytes,
    script: "for each in /data/*; do cat $each/* > /dev/null; done",
  },
  passageOut("writes a file of 200 MB", 200_000_000),
  passageOut("writes a file of 1 GB", BIG),
  {
    name: "writes 10,000 files of 4 kB",
    megabytes: 40,
    script: "mkdir /made; printf -v text %4000d 0; for ((i = 0; i < 10000; i++)); do echo $text > /made/$i; done",
  },
];

function passageOut(name: string, bytes: number): Passage {
  return { name, megabytes: bytes / 1e6, script: `yes "a line of some length" | head -c ${bytes} > /made` };
}

export const data: Bench = {
  name: "data",
  gigabytes: 6,
  async make(folder, cli) {
    writeTree(join(folder, "tree"), SIZE);
    const job = { folder, cli: tellingOwnCpu(folder, cli) };
    return {
      title: `scripts over a tree of ${sizeText(SIZE)}`,
      rows: [
        ownJob({ ...job, name: NOTHING, script: ":" }),
        ...PASSAGES.map(({ name, script }) => ownJob({ ...job, name, script })),
      ],
      table,
    };
  },
};

/** By the time that a script takes which does nothing. */
function table(rows: readonly Measured[]): string {
  const [nothing] = rows as readonly [MeasuredTime];
  const rate = ({ name, seconds }: MeasuredTime): string => {
    const megabytes = PASSAGES.find((each) => each.name === name)?.megabytes;
    return megabytes === undefined ? "" : (megabytes / (seconds - nothing.seconds)).toFixed(0);
  };
  return markdown(jobColumns({ title: "MB/s", cell: rate }), rows);
}
