/** An image-dsl of another version beside this one: the same code, which calls itself another one. */
import { cpSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../../e2e/support.ts";
import { tmp } from "../../harness.ts";

/** Its dist/. */
export function otherVersion(): string {
  const folder = tmp();
  const dist = join(folder, "dist");
  cpSync(join(PROJECT, "dist"), dist, { recursive: true });
  cpSync(join(PROJECT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  let count = 0;
  for (const name of files) {
    const text = readFileSync(join(dist, name), "utf8");
    const changed = text.replaceAll(/(codeIdentity\s*=\s*true\s*\?\s*")[0-9a-f]{64}"/g, `$1${"0".repeat(64)}"`);
    if (changed === text) continue;
    writeFileSync(join(dist, name), changed);
    count++;
  }
  if (count === 0) throw new Error("Nothing of dist/ says what code it is");
  return dist;
}
