/** Where the host's own apt has Debian from: other suites lie beside the host's own. */
import { execFileSync } from "node:child_process";

/** Addresses, in apt's order. Throws where there is none. */
export function debianArchives(): readonly [string, ...string[]] {
  const format = ["--format", "$(SITE) $(ORIGIN)", "Created-By: Packages"];
  const lines = execFileSync("apt-get", ["indextargets", ...format], { encoding: "utf8", stdio: "pipe" }).split("\n");
  const sites = lines.flatMap((line) => (line.endsWith(" Debian") ? [line.split(" ", 1)[0]!] : []));
  const [first, ...others] = new Set(sites);
  if (first === undefined) throw new Error("The host's apt configuration names no Debian archive");
  return [first, ...others];
}
