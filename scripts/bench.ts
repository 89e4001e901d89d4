/**
 * `npm run bench`: image-dsl against its rivals, in one run on this machine. Figures are ratios; absolute times on a
 * shared machine mean little. Never part of the tests.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, type Measured } from "./bench/measure.ts";

const ROUNDS = Number(process.argv[2] ?? 7);

const project = join(import.meta.dirname, "..");
const cli = `node ${join(project, "dist/cli.js")}`;
const work = mkdtempSync(join(tmpdir(), "image-dsl-bench-"));
try {
  await debianClosure();
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** About 100 packages, 200 MB: the package store filled, no layer cache. */
async function debianClosure(): Promise<void> {
  const folder = join(work, "closure");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "image.config.ts"),
    `import { buildLayeredImage, debian, defineConfig } from "image-dsl";
export default defineConfig(buildLayeredImage({
  name: "closure",
  contents: [debian({ suite: "bookworm", packages: ["git", "python3", "nodejs", "nginx", "redis-server"] })],
}));\n`,
  );
  const firstFetch = Date.now();
  execFileSync("sh", ["-c", `cd ${folder} && ${cli} build -o rootfs:tree --quiet`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const fetched = (Date.now() - firstFetch) / 1000;
  const entries = execFileSync("find", [join(folder, "tree"), "-printf", "x"]).length;
  const size = Number(
    execFileSync("du", ["-sm", "--apparent-size", join(folder, "tree")], { encoding: "utf8" }).split("\t")[0],
  );
  const packages = Object.values(
    JSON.parse(execFileSync("cat", [join(folder, "image.lock.json")], { encoding: "utf8" })).entries.debian as object,
  )[0].answer.packages.length as number;

  const rows = await measure(
    [
      { name: "tar | openssl", shell: `tar --sort=name -C ${folder}/tree -c . | openssl dgst -sha256` },
      { name: "image-dsl --version", shell: `exec ${cli} --version` },
      { name: "image-dsl stream > /dev/null", shell: `cd ${folder} && exec ${cli} stream --quiet > /dev/null` },
      { name: "image-dsl stream | cat", shell: `cd ${folder} && ${cli} stream --quiet | cat > /dev/null` },
      { name: "image-dsl build -o digest", shell: `cd ${folder} && exec ${cli} build -o digest --quiet` },
    ],
    ROUNDS,
  );
  console.log(
    `\n## A Debian closure: ${packages} packages, ${entries} entries, ${size} MB (first build, with fetching: ${fetched.toFixed(1)} s)\n`,
  );
  table(rows);
}

/** Ratios to the first row; net: less what the second row (starting up) takes. */
function table(rows: readonly Measured[]): void {
  const [base, start] = rows;
  console.log("| command | seconds | ratio | net of start-up | peak memory |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const { name, seconds, peak } of rows) {
    const net =
      name.startsWith("image-dsl ") && name !== start!.name
        ? ((seconds - start!.seconds) / base!.seconds).toFixed(2)
        : "";
    console.log(
      `| \`${name}\` | ${seconds.toFixed(2)} | ${(seconds / base!.seconds).toFixed(2)} | ${net} | ${Math.round(peak)} MB |`,
    );
  }
}
