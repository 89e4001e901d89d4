/** A copy of the built program: whatever is built while a bench runs, all rows of it measure the same code. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const project = join(import.meta.dirname, "../..");

/** Copies dist/ below a folder, and gives what starts the command line, for the shell. */
export function copyProgram(folder: string): string {
  if (!existsSync(join(project, "dist/cli.js"))) throw new Error("dist/ is not there; run npm run build first");
  const copy = join(folder, "program");
  mkdirSync(copy);
  for (const name of ["dist", "package.json"]) cpSync(join(project, name), join(copy, name), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
  return `node '${join(copy, "dist/cli.js")}'`;
}
