/**
 * The TypeScript blocks of our pages as modules, each line where it stands in its page. A block that imports something is a
 * module as it stands; its first line may name it (`// greeting.ts`), for other blocks of the page to import. Blocks that
 * import nothing go on where the one before them ended, and get what they name of image-dsl's exports.
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

export const PROJECT = join(import.meta.dirname, "../..");

/** What people read to use image-dsl or to write plugins for it. */
export function pages(): readonly string[] {
  const inFolder = (folder: string): readonly string[] =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name));
  return [
    "README.md",
    "ARCHITECTURE.md",
    ...inFolder("docs"),
    ...inFolder("plugins"),
    ...inFolder("templates"),
  ].toSorted();
}

export interface Module {
  /** Beside the page. */
  readonly file: string;
  readonly text: string;
}

export function modulesOf(page: string): readonly Module[] {
  const lines = readFileSync(join(PROJECT, page), "utf8").split("\n");
  const folder = dirname(page);
  const own: Module[] = [];
  const going: string[] = lines.map(() => "");
  for (const { start, end } of blocksIn(lines)) {
    const block = lines.slice(start, end);
    if (!block.some((line) => line.startsWith("import "))) {
      going.splice(start, block.length, ...block);
      continue;
    }
    const [, name = `block-${start}.ts`] = /^\/\/ (\S+\.ts)$/.exec(block[0] ?? "") ?? [];
    own.push({ file: join(folder, name), text: [...Array<string>(start).fill(""), ...block].join("\n") });
  }
  if (going.every((line) => line === "")) return own;
  // A page begins with its title, so the first line is free.
  going[0] = preamble(going.join("\n"));
  return [...own, { file: join(folder, "page.ts"), text: going.join("\n") }];
}

interface Block {
  /** Index of its first line. */
  readonly start: number;
  /** Of the fence behind it. */
  readonly end: number;
}

function blocksIn(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (!/^\s*```(ts|tsx|typescript|mts|js|javascript|mjs)\b/.test(lines[at]!)) continue;
    const end = lines.findIndex((line, index) => index > at && /^\s*```\s*$/.test(line));
    blocks.push({ start: at + 1, end });
    at = end;
  }
  return blocks;
}

function preamble(text: string): string {
  const exports = readFileSync(join(PROJECT, "plugins/index.ts"), "utf8");
  const named = [...exports.matchAll(/^export (type )?\{([^}]*)\}/gms)].flatMap(([, type = "", names = ""]) =>
    names.split(",").flatMap((each) => {
      const name = each.trim().replace(/^.* as /, "");
      return name !== "" && new RegExp(`\\b${name}\\b`).test(text) ? [`${type}${name}`] : [];
    }),
  );
  return `import { ${named.join(", ")} } from "image-dsl";`;
}
