/**
 * `npm run bench [ROUNDS]`: image-dsl against `tar | openssl` over the same files, in one run on this machine, printed
 * and written into docs/benchmarks.md. Figures are ratios; absolute times on a shared machine mean little. Never part
 * of the tests.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianClosure, manyFiles, type BenchInput } from "./bench/inputs.ts";
import { measure } from "./bench/measure.ts";
import { table } from "./bench/table.ts";

const ROUNDS = Number(process.argv[2] ?? 9);
/** What stands behind this line in the document is made here. */
const MARK = "<!-- npm run bench writes what follows -->\n";

const project = join(import.meta.dirname, "..");
const document = join(project, "docs/benchmarks.md");
const cli = `node ${join(project, "dist/cli.js")}`;
const work = mkdtempSync(join(tmpdir(), "image-dsl-bench-"));
try {
  const inputs = [debianClosure(join(work, "closure"), cli), manyFiles(join(work, "files"))];
  const sections: string[] = [];
  for (const input of inputs) sections.push(await section(input));
  const text = sections.join("\n");
  console.log(text);
  const [before] = readFileSync(document, "utf8").split(MARK);
  writeFileSync(document, `${before}${MARK}\n${text}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function section({ project: folder, tree, title }: BenchInput): Promise<string> {
  const rows = await measure(
    [
      { name: "tar | openssl", shell: `tar --sort=name -C ${tree} -c . | openssl dgst -sha256` },
      { name: "image-dsl --version", shell: `exec ${cli} --version` },
      { name: "image-dsl stream > /dev/null", shell: `cd ${folder} && exec ${cli} stream --quiet > /dev/null` },
      { name: "image-dsl stream | cat", shell: `cd ${folder} && ${cli} stream --quiet | cat > /dev/null` },
      { name: "image-dsl stream --jobs 1", shell: `cd ${folder} && exec ${cli} stream --jobs 1 --quiet > /dev/null` },
      { name: "image-dsl build -o digest", shell: `cd ${folder} && exec ${cli} build -o digest --quiet` },
    ],
    ROUNDS,
  );
  return `## ${title}\n\n${table(rows)}`;
}
