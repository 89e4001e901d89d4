/** Programs whose clock is wrong, by Debian's libfaketime; times of files stay those that they are. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "../../harness.ts";

const LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
/** Where workers look for programs first; Debian leaves it empty. */
const FIRST = "/usr/local/sbin";

/** `offset`: `+1h` or its like. */
export function clockOff(offset: string): Readonly<Record<string, string>> {
  if (!existsSync(LIBRARY)) throw new Error("Debian's package faketime is missing");
  return { LD_PRELOAD: LIBRARY, FAKETIME: offset, NO_FAKE_STAT: "1" };
}

/** What starts a server whose clock, and whose workers' clock, is off: those begin with no variable but a task's own. Needs root. */
export function startedWithClockOff(offset: string): readonly string[] {
  const variables = Object.entries(clockOff(offset)).map(([name, value]) => `${name}=${value}`);
  const folder = tmp();
  writeFileSync(join(folder, "node"), `#!/bin/sh\nexec env ${variables.join(" ")} '${process.execPath}' "$@"\n`, {
    mode: 0o755,
  });
  const bound = `mount --bind '${folder}' ${FIRST} && exec env ${variables.join(" ")} "$@"`;
  return ["unshare", "--mount", "sh", "-c", bound, "sh"];
}
