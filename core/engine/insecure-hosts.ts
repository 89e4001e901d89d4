/** `--insecure`: a value that is no host would allow nothing, and nobody would learn why. */
import { ImageDslError } from "../error.ts";

/** A name or an address (version 6 in brackets), and a port where it has one. */
const HOST = /^(\[[\da-f:.]+\]|[\da-z]([\da-z._-]*[\da-z])?)(:\d{1,5})?$/i;

/** Throws `E_USAGE`. */
export function checkInsecureHosts(hosts: readonly string[]): void {
  const wrong = hosts.find((host) => !HOST.test(host));
  if (wrong === undefined) return;
  throw new ImageDslError("E_USAGE", `--insecure "${wrong}" names no registry`, {
    hint: "Write --insecure HOST or HOST:PORT, without a scheme or a path, and once for each",
  });
}
