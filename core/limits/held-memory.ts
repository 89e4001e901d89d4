/**
 * What stays in memory, as long as a build does, of all that it reads of others: each archive, layer, package or document may be just below its own
 * limit, and there may be any number of them. Builds beside each other share the process, and so the account.
 */
import { Account } from "./limits.ts";

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
