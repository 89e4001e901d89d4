/**
 * A folder in which another program keeps what it runs, and makes again where it is missing: its files are sealed once they were
 * made, and one that is no longer what was sealed goes before it is run.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { uniqueSuffix } from "../host.ts";
import { closeFiles, removeForeign } from "./own.ts";
import { SEAL, checkSealed, removeSealed, sealFile } from "./seal.ts";

/** Files that are kept: each costs every look a little, and one that goes is made again. */
const MOST = 100;

export async function removeUnsealed(folder: string): Promise<void> {
  removeForeign(folder);
  const names = new Set(readdirSync(folder));
  for (const name of names) {
    const file = join(folder, name);
    if (!name.endsWith(SEAL)) {
      const { state } = await checkSealed(file, { temporary: () => temporarySeal(file) });
      if (state !== "whole") await removeSealed(file);
    } else if (!names.has(name.slice(0, -SEAL.length))) rmSync(file, { force: true });
  }
  // All of them, as nobody keeps in mind which were used last.
  if (names.size > 2 * MOST) for (const name of names) rmSync(join(folder, name), { force: true });
}

export async function sealFiles(folder: string): Promise<void> {
  closeFiles(folder);
  const names = new Set(readdirSync(folder));
  for (const name of names) {
    if (name.endsWith(SEAL) || names.has(name + SEAL)) continue;
    const file = join(folder, name);
    // Without its seal, as on a full disk, it is made again next time.
    await sealFile(file, temporarySeal(file)).catch(() => {});
  }
}

/** One that is left over is no sealed file, and goes with the next look. */
function temporarySeal(file: string): string {
  return `${file}.${uniqueSuffix()}`;
}
