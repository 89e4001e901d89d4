/** Changing a file as users do who have their editor, then type: a while before the build, which else doubts what it reads. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";

/** Milliseconds. */
export const QUIET = 2100;

/** Gives a file other bytes, so many, which nobody has seen before. */
export async function changeFile(path: string, size: number): Promise<void> {
  writeFileSync(path, randomBytes(size));
  await new Promise((resolve) => setTimeout(resolve, QUIET));
}
