/** A root certificate of a test's own. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { requireTool } from "../../harness.ts";

/** Writes `root.crt` into the folder and gives its path. */
export function makeCertificate(folder: string): string {
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out root.crt";
  const args = [...request.split(" "), "-subj", "/CN=Company Root"];
  execFileSync(requireTool("openssl"), args, { cwd: folder, stdio: "ignore" });
  return join(folder, "root.crt");
}
