/**
 * npm's `prepare`: makes dist/ after `npm ci` and from a git clone. Plain JavaScript, since it must also run where the
 * devDependencies are absent: there a dist/ that is already present is kept.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const project = join(import.meta.dirname, "..");
const hasTools = ["esbuild", "tsx", "typescript"].every((name) => existsSync(join(project, "node_modules", name)));

if (hasTools) {
  const build = join(import.meta.dirname, "build.ts");
  const ended = spawnSync(process.execPath, ["--import", "tsx", build, "--no-check"], {
    cwd: project,
    stdio: "inherit",
  });
  process.exitCode = ended.status ?? 1;
} else if (existsSync(join(project, "dist/cli.js"))) {
  console.log("image-dsl: kept dist/, since the devDependencies that would build it are not installed");
} else {
  console.error(
    "image-dsl: dist/ is missing and so are the devDependencies that build it: run npm ci without --omit=dev",
  );
  process.exitCode = 1;
}
