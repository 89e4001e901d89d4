/** Making a bench, and measuring it. */
import { cpus, loadavg } from "node:os";
import { aims } from "./aims.ts";
import type { Bench } from "./bench.ts";
import { measure } from "./measure.ts";
import { runOrThrow } from "./run.ts";

/** `folder` is empty. Gives the title, the table, and what it shows. */
export async function measureBench(bench: Bench, folder: string, cli: string, rounds: number): Promise<string> {
  const { title, rows, table, close } = await bench.make(folder, cli);
  try {
    // What was made must not reach the disk while something is measured.
    await runOrThrow(`sync --file-system '${folder}'`);
    const load = loadavg()[0]!.toFixed(1);
    const measured = await measure(rows, rounds);
    const host = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`;
    const made = `Median of ${rounds} ${rounds === 1 ? "round" : "rounds"}; ${host}; load ${load} before it.`;
    return [title, made, table(measured), aims(bench.name, measured)].filter((part) => part !== "").join("\n\n");
  } finally {
    await close?.();
  }
}
