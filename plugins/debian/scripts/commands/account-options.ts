/** What the account tools share: how they fail, and how they read ids. */
import { displayBytes } from "../../../../core/index.ts";
import type { Invocation } from "../world.ts";
import type { ParsedOptions } from "./options.ts";

export function fail(invocation: Invocation, status: number, message: string): number {
  invocation.printError(`${invocation.name}: ${message}\n`);
  return status;
}

export function idOption(
  invocation: Invocation,
  options: ParsedOptions,
  ...names: readonly string[]
): number | undefined {
  const text = options.last(...names);
  if (text === undefined) return undefined;
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : invocation.refuse(`--${names[0]} ${displayBytes(text)}`);
}
