/** The whole job of a small script: a guest made by hand, ours when it boots, and ours from the snapshot. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { BenchRow } from "../measure.ts";
import { runOrThrow } from "../run.ts";
import { jobTable } from "./job-table.ts";
import { ownJob } from "./own-job.ts";
import { makePlainGuest, plainJob, type PlainGuest } from "./plain-guest.ts";
import { tellingOwnCpu } from "./timed-job.ts";
import { sizeText, writeTree } from "./tree.ts";

export const PLAIN = "plain QEMU";
export const BOOTED = "image-dsl build, the guest boots";
export const RESTORED = "image-dsl build, from the snapshot";
export const KNOWN = "image-dsl build, the script's result known";

const SIZE = { megabytes: 50, files: 2000 };
export const CHANGES = "mkdir /made; echo made > /made/file; rm /data/part-0/file-0; chmod 600 /data/part-1/file-1";

export const start: Bench = {
  name: "start",
  gigabytes: 2,
  async make(folder, cli) {
    writeTree(join(folder, "tree"), SIZE);
    const guest = await makePlainGuest(join(folder, "guest"), cli, CHANGES);
    const job = { folder, cli: tellingOwnCpu(folder, cli), script: CHANGES };
    return {
      title: `a script that makes three changes to a tree of ${sizeText(SIZE)}`,
      rows: [
        await plainRow(folder, guest),
        ownJob({ ...job, name: BOOTED, env: await withoutSnapshots(folder) }),
        ownJob({ ...job, name: RESTORED }),
        ownJob({ ...job, name: KNOWN, isKnown: true }),
      ],
      table: jobTable,
    };
  },
};

/** Its disk is made before. */
async function plainRow(folder: string, guest: PlainGuest): Promise<BenchRow> {
  await runOrThrow("mkfs.erofs tree.erofs tree", { cwd: folder });
  return plainJob({ name: PLAIN, shell: guest.run("overlay", "../tree.erofs"), cwd: join(folder, "plain") });
}

/** A PATH whose QEMU goes on from no snapshot. */
async function withoutSnapshots(folder: string): Promise<Readonly<Record<string, string>>> {
  const name = "qemu-system-x86_64";
  const qemu = (await runOrThrow(`command -v ${name}`)).trim();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, name),
    `#!/bin/sh
case "$*" in *-incoming*) exit 1;; esac
exec ${qemu} "$@"
`,
    { mode: 0o755 },
  );
  return { PATH: `${bin}:${process.env["PATH"]}` };
}
