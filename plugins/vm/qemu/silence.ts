/** A guest that says nothing while it boots: its kernel never ran, or something in it waits for what does not come. */
import { setTimeout as delay } from "node:timers/promises";
import { ImageDslError } from "../../../core/index.ts";
import type { GuestConsole } from "./console.ts";

/** Once nothing was heard for so long, at most twice as long. Rejects once `waiting` is over. */
export async function silentFor(
  milliseconds: number,
  guest: Promise<Pick<GuestConsole, "heard" | "words">>,
  waiting: AbortSignal,
): Promise<ImageDslError> {
  let console: Awaited<typeof guest> | undefined;
  guest.then(
    (connected) => (console = connected),
    () => {},
  );
  for (let before = -1; ;) {
    const heard = console?.heard() ?? 0;
    if (heard === before) return silent(milliseconds / 1000, console?.words() ?? "");
    before = heard;
    await delay(milliseconds, undefined, { signal: waiting });
  }
}

function silent(seconds: number, words: string): ImageDslError {
  const last =
    words
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1) ?? "";
  if (last === "") {
    return new ImageDslError(
      "E_VM",
      `The virtual machine did not start: its kernel said nothing for ${seconds} seconds`,
      {
        hint: "See whether it is a kernel for this machine (--vm-kernel), and whether the host has any processor time left",
      },
    );
  }
  return new ImageDslError(
    "E_VM",
    `The virtual machine did not start: it said nothing for ${seconds} seconds after "${last}"`,
    {
      hint: "A driver may wait for a device that does not answer: see whether another kernel (--vm-kernel) or QEMU is at fault",
    },
  );
}
