/** The user's own environment, for the user's own tools: they look for their settings in it. */
import { environment } from "../../core/index.ts";

export function userEnvironment(): Readonly<Record<string, string>> {
  const set = Object.entries(environment()).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(set);
}
