/** `yarn.lock` as Yarn 1 writes it ("yarn lockfile v1"): by pattern, such as `debug@^4.3.1`, the version that it means. */
import * as v from "valibot";
import { isPackageName } from "../../names.ts";
import { leadsOut, lockError, refuseTooMany } from "../lock-error.ts";
import { texts } from "../schemas.ts";

const entrySchema = v.object({
  version: v.string(),
  /** An address, and behind `#` the SHA-1 of what is there. */
  resolved: v.optional(v.string()),
  integrity: v.optional(v.string()),
  dependencies: v.optional(texts, {}),
  optionalDependencies: v.optional(texts, {}),
});

export type ClassicEntry = v.InferOutput<typeof entrySchema>;

/** By pattern; patterns that stand together have one entry. */
export type ClassicLock = ReadonlyMap<string, ClassicEntry>;

export const REGENERATE = "yarn install writes it anew";

type Block = Record<string, string | Record<string, string>>;

/** Every name in it is checked. Throws `E_NPM_LOCK`. */
export function parseClassicLock(file: string, text: string): ClassicLock {
  const blocks = parse(file, text);
  const lock = new Map<string, ClassicEntry>();
  for (const [patterns, block] of blocks) {
    const { success, output, issues } = v.safeParse(entrySchema, block, { abortEarly: true });
    const where = patterns[0]!;
    if (!success) {
      throw lockError(file, `${where}.${v.getDotPath(issues[0]) ?? ""}: ${issues[0].message}`, REGENERATE, where);
    }
    const names = [
      ...patterns.map((each) => splitPattern(each)[0]),
      ...Object.keys({ ...output.dependencies, ...output.optionalDependencies }),
    ];
    const wrong = names.find((name) => !isPackageName(name) || name.includes("#"));
    if (wrong !== undefined) throw leadsOut(file, wrong, "name", where);
    for (const pattern of patterns) {
      if (lock.has(pattern)) throw lockError(file, `it has "${pattern}" twice`, REGENERATE, pattern);
      lock.set(pattern, output);
    }
  }
  refuseTooMany(file, Object.fromEntries(lock), REGENERATE);
  return lock;
}

/** `["@babel/core", "^7.1.0"]` */
export function splitPattern(pattern: string): readonly [name: string, range: string] {
  const at = pattern.indexOf("@", 1);
  return at < 0 ? [pattern, ""] : [pattern.slice(0, at), pattern.slice(at + 1)];
}

/** Of characters: for each of them a regular expression keeps a state. */
const LONGEST_LINE = 1024 * 1024;
const TOKEN = String.raw`"(?:[^"\\]|\\.)*"|[^\s",:]+(?::[^\s",:]+)*`;
const KEYS = new RegExp(String.raw`^(?:${TOKEN})(?:, (?:${TOKEN}))*:$`);
const PAIR = new RegExp(String.raw`^(${TOKEN}) (${TOKEN})$`);

/** What Yarn writes is a small part of what it reads: lines that are indented by two, keys in front of a colon, pairs. */
function parse(file: string, text: string): readonly (readonly [patterns: readonly string[], block: Block])[] {
  const blocks: [string[], Block][] = [];
  let list: Record<string, string> | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const indent = line.length - line.trimStart().length;
    const content = line.length > LONGEST_LINE ? "" : line.trimStart();
    const [, block] = blocks.at(-1) ?? [];
    const pair = PAIR.exec(content);
    if (indent === 0 && KEYS.test(content)) {
      blocks.push([tokensOf(content), {}]);
      list = undefined;
    } else if (indent === 2 && block !== undefined && KEYS.test(content)) {
      list = {};
      block[tokensOf(content)[0]!] = list;
    } else if (indent === 2 && block !== undefined && pair !== null) {
      block[unquoted(pair[1]!)] = unquoted(pair[2]!);
      list = undefined;
    } else if (indent === 4 && list !== undefined && pair !== null) {
      list[unquoted(pair[1]!)] = unquoted(pair[2]!);
    } else {
      throw lockError(
        file,
        `line ${index + 1} is none that Yarn 1 writes: "${line.slice(indent, indent + 80)}"`,
        REGENERATE,
      );
    }
  }
  return blocks;
}

function tokensOf(line: string): string[] {
  return Array.from(line.matchAll(new RegExp(TOKEN, "g")), ([token]) => unquoted(token));
}

function unquoted(token: string): string {
  if (!token.startsWith('"')) return token;
  try {
    return JSON.parse(token) as string;
  } catch {
    return token;
  }
}
