/** Scripts that fail because there is no network where they run: told by what resolvers and their callers say. */
import type { RunSpec } from "../model/image-spec.ts";

/** The libc's words, getent's code as Node has it, and those of curl and git, wget, busybox, apt, Go and of `connect`. */
const UNREACHED =
  /temporary failure (?:in name resolution|resolving)|name or service not known|getaddrinfo|EAI_AGAIN|could not resolve (?:host|proxy)|unable to resolve host|bad address '|dial tcp: lookup|network is unreachable|ENETUNREACH/i;

/** `lines`: the last ones that it wrote. */
export function lacksNetwork(lines: readonly string[]): boolean {
  return lines.some((line) => UNREACHED.test(line));
}

/** What to do about it, where an image's script has none. */
export function noNetwork({ stage }: RunSpec): string {
  if (stage === "runAsRoot") return "There is no network unless the image says network: true";
  return "There is no network in an image's scripts: bring what it needs in contents, as archives, files or steps";
}
