/**
 * `npm run soak [filter…]`: the long measurements that tests only take in a reduced form. Each test/soak/*.ts exports
 * by default a function that measures and returns rows; all rows are printed as one table.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** One figure, what it should be, and whether it is. */
export interface SoakRow {
  readonly what: string;
  readonly figure: string;
  readonly aim: string;
  readonly ok: boolean;
}

export type Soak = () => Promise<readonly SoakRow[]>;

const folder = join(import.meta.dirname, "../test/soak");
const filters = process.argv.slice(2);
const names = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith(".ts") && (filters.length === 0 || filters.some((word) => name.includes(word))))
  .sort();

const rows: SoakRow[] = [];
for (const name of names) {
  console.error(`soak: ${name} …`);
  const loaded = (await import(pathToFileURL(join(folder, name)).href)) as { default: Soak };
  rows.push(...(await loaded.default()));
}
console.table(rows);
process.exitCode = rows.length > 0 && rows.every((row) => row.ok) ? 0 : 1;
