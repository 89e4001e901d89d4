/** As nixpkgs' `runAsRoot` does it: the whole tree goes into the guest as a tar, is unpacked there, and all of it comes out as one. */
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { jobTable } from "./job-table.ts";
import { ownJob } from "./own-job.ts";
import { makePlainGuest, plainJob } from "./plain-guest.ts";
import { CHANGES, RESTORED } from "./start.ts";
import { tellingOwnCpu } from "./timed-job.ts";
import { sizeText, writeTree } from "./tree.ts";

export const WHOLE = "the whole tree as a tar into plain QEMU, and out of it";

const SIZE = { megabytes: 200, files: 8000 };

export const nixpkgs: Bench = {
  name: "nixpkgs",
  gigabytes: 3,
  async make(folder, cli) {
    writeTree(join(folder, "tree"), SIZE);
    const guest = await makePlainGuest(join(folder, "guest"), cli, CHANGES);
    return {
      title: `a script that makes three changes to a tree of ${sizeText(SIZE)}`,
      rows: [
        plainJob({
          name: WHOLE,
          shell: `tar -C ../tree -cf tree.tar . && ${guest.run("unpack", "tree.tar")}`,
          cwd: join(folder, "plain"),
        }),
        ownJob({ name: RESTORED, folder, cli: tellingOwnCpu(folder, cli), script: CHANGES }),
      ],
      table: jobTable,
    };
  },
};
