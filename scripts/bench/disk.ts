/** Whether there is room: a bench that fills the disk of a shared machine harms others. */
import { statfsSync } from "node:fs";
import { makeStore } from "./store.ts";

/** Packages of all inputs, fetched and decompressed, in GB. */
const STORE_GIGABYTES = 4;

/** Throws where the work folder's disk has less than `needed` GB free, or the store's less than it may grow by. */
export function requireDisk(work: string, store: string, needed: number): void {
  makeStore();
  const places = [
    { path: work, gigabytes: needed + STORE_GIGABYTES },
    { path: store, gigabytes: STORE_GIGABYTES },
  ];
  for (const { path, gigabytes } of places) {
    const { bavail, bsize } = statfsSync(path);
    const free = (bavail * bsize) / 1e9;
    if (free < gigabytes) {
      throw new Error(
        `${path} has ${free.toFixed(1)} GB free, and the bench may take ${gigabytes}; set TMPDIR or tidy up`,
      );
    }
  }
}
