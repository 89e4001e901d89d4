/**
 * npm's `prepack` and `postpack`: the package.json that is packed has no scripts, since the files that they name are not in the
 * package. The whole one waits beside it. Plain JavaScript, as prepare.js is, which `npm pack` no longer runs by itself then.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const manifest = join(import.meta.dirname, "../package.json");
const whole = `${manifest}.whole`;

// Also where an earlier packing was broken off.
if (existsSync(whole)) renameSync(whole, manifest);
if (process.argv[2] !== "--undo") {
  const text = readFileSync(manifest, "utf8");
  const { scripts: _scripts, allowScripts: _allowed, ...shipped } = JSON.parse(text);
  writeFileSync(whole, text);
  writeFileSync(manifest, `${JSON.stringify(shipped, undefined, 2)}\n`);
}
