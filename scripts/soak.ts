/**
 * `npm run soak [filter…] [--name=value…]`: the long measurements that tests only take in a reduced form. Each
 * test/soak/*.ts exports by default a function that measures and returns rows; all rows are printed as one table.
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

/** What was said as `--name=value`: each soak knows which names mean something to it. */
export type SoakOptions = ReadonlyMap<string, string>;

export type Soak = (options: SoakOptions) => Promise<readonly SoakRow[]>;

const folder = join(import.meta.dirname, "../test/soak");
const words = process.argv.slice(2);
const options: SoakOptions = new Map(
  words.flatMap((word) => {
    const [, name, value] = /^--([^=]+)=(.*)$/.exec(word) ?? [];
    return name === undefined ? [] : [[name, value!]];
  }),
);
const filters = words.filter((word) => !word.startsWith("--"));
const names = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith(".ts") && (filters.length === 0 || filters.some((word) => name.includes(word))))
  .sort();

const rows: SoakRow[] = [];
for (const name of names) {
  console.error(`soak: ${name} …`);
  const loaded = (await import(pathToFileURL(join(folder, name)).href)) as { default: Soak };
  rows.push(...(await loaded.default(options)));
}
console.table(rows);
process.exitCode = rows.length > 0 && rows.every((row) => row.ok) ? 0 : 1;
