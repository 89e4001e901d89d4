/** Trees of several sizes, of which a script touches ten files. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { jobTable } from "./job-table.ts";
import { ownJob } from "./own-job.ts";
import { tellingOwnCpu } from "./timed-job.ts";
import { sizeText, writeTree } from "./tree.ts";

const SMALL = { megabytes: 50, files: 2000 };
const LARGE = { megabytes: 1000, files: 12_000 };
const SIZES = [SMALL, { megabytes: 200, files: 8000 }, LARGE];

export const SMALL_TREE = sizeText(SMALL);
export const LARGE_TREE = sizeText(LARGE);

const TOUCH_TEN = "for i in {0..9}; do cat /data/part-$((i * 7))/file-$i; done > /made";

export const trees: Bench = {
  name: "trees",
  gigabytes: 4,
  async make(folder, cli) {
    const own = tellingOwnCpu(folder, cli);
    const rows = SIZES.map((size) => {
      const place = join(folder, `${size.megabytes}`);
      mkdirSync(place);
      writeTree(join(place, "tree"), size);
      return ownJob({ name: sizeText(size), folder: place, cli: own, script: TOUCH_TEN });
    });
    return { title: "a script that touches ten files of a tree", rows, table: jobTable };
  },
};
