/** `--remote` and what goes with it, as the commands that build take them. */
import type { InferredOptionTypes } from "yargs";
import { ImageDslError } from "../error.ts";
import type { RemoteOptions } from "../model/remote-options.ts";

export const remoteOptions = {
  remote: {
    type: "string",
    requiresArg: true,
    describe: "Machines that do work, such as grpcs://HOST:PORT: docs/remote-execution.md; none: all is done here",
  },
  "remote-header": {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "What is sent with each call to them: NAME=VARIABLE, a variable of the environment that has the value",
  },
} as const;

export type RemoteArguments = InferredOptionTypes<typeof remoteOptions>;

/** Throws `E_USAGE`. */
export function readRemote(given: RemoteArguments): Partial<RemoteOptions> | "none" {
  const { remote: at, "remote-header": headers } = given;
  if (at === "none") return "none";
  return { ...(at !== undefined && { at }), ...(headers && { headers: Object.fromEntries(headers.map(readHeader)) }) };
}

function readHeader(text: string): readonly [string, { readonly env: string }] {
  const [, name, variable] = /^([a-z0-9_.-]+)=([A-Za-z_][A-Za-z0-9_]*)$/i.exec(text) ?? [];
  if (name !== undefined && variable !== undefined) return [name.toLowerCase(), { env: variable }];
  // Whoever writes the value itself should not find it in a log.
  throw new ImageDslError("E_USAGE", "--remote-header names no variable of the environment", {
    hint: "Write --remote-header NAME=VARIABLE: the value stands in the environment",
  });
}
