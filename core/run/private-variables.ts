/** What of a script is nobody else's to know: variables that are called like secrets, and values of the caller's environment. */
import { environment } from "../host.ts";

/** Variables whose values are nobody else's to know, and that may be in what a script wrote. */
const SECRET = /TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|PRIVATE|AUTH|KEY/i;

/** Values of the caller's environment that say nothing of the caller, or are too short to be a secret. */
const PUBLIC = /^(?:SHELL|TERM|LANG|LC_\w+|TZ|EDITOR|PAGER|NODE_ENV)$/;
const SHORTEST_SECRET = 8;

/** The first of a script's variables that is called like a secret. */
export function secretVariable(env: Readonly<Record<string, string>> = {}): string | undefined {
  return Object.keys(env).find((name) => SECRET.test(name));
}

/** The variable of the caller's environment whose value, whatever it is called there, stands in this JSON. */
export function variableIn(json: string): string | undefined {
  const found = Object.entries(environment()).find(
    ([name, value = ""]) =>
      value.length >= SHORTEST_SECRET && !PUBLIC.test(name) && json.includes(JSON.stringify(value).slice(1, -1)),
  );
  return found?.[0];
}
