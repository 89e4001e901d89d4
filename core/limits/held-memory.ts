/**
 * What stays in memory, as long as a build does, of all that it reads of others: each archive, layer, package or document may be just below its own
 * limit, and there may be any number of them. Builds beside each other share the process, and so the account.
 */
import { Account, isWithin } from "./limits.ts";

/** For what a file takes beside its texts. */
const OF_EACH_FILE = 512;

let builds = 0;
let account = newAccount();

function newAccount(): Account {
  return new Account("All that was read together");
}

/** Until the function that it gives is called; then what was held is forgotten, once no other build goes on. */
export function openHeldMemory(): () => void {
  builds++;
  return () => {
    builds--;
    if (builds === 0) account = newAccount();
  };
}

/** Throws `E_MEMORY_LIMIT` where it is too much together. Where no build goes on, nobody holds it for long. */
export function hold(bytes: number): void {
  if (builds > 0) account.spend("build.memory", bytes);
}

/** As `hold`, of a file of which `texts` bytes of names, links and attributes are kept. */
export function holdFile(texts: number): void {
  hold(OF_EACH_FILE + texts);
}

/** Characters: what is shorter cannot come to much. */
const SHORT = 1024 * 1024;

/** One stands before or behind each value, mostly; of those within texts not many do. */
const MARKS = new Set(Array.from("{[,:\n", (mark) => mark.charCodeAt(0)));

/**
 * Whether a text in JSON or YAML is within `json.values`, which is looked at before it is parsed: `{},` is three bytes, and an object takes sixty. So a text
 * that is within its own limit could be more than a process holds, which then ends without a word of why.
 */
export function hasFewValues(text: string): boolean {
  if (text.length <= SHORT) return true;
  let count = 0;
  for (let at = 0; at < text.length; at++) if (MARKS.has(text.charCodeAt(at))) count++;
  return isWithin("json.values", count);
}
