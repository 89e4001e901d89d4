/**
 * `debian({ configure: "run" })` against apt: each image is built with its scripts run twice, its tree compared with a root in which apt
 * installed the same packages, and asked whether it works. Options: `--suite=`, `--name=` (with commas).
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { load, removeImage, runOnce } from "../e2e/containers.ts";
import { answerOfArchive } from "../e2e/servers/answer.ts";
import { QUESTIONS } from "../e2e/servers/questions.ts";
import { RUN_IMAGES, type RunImage } from "./configure-run/images.ts";
import { RUN_DIFFERENCES } from "./configure-run/known-differences.ts";
import { installByRunning } from "./configure-run/run-root.ts";
import { treeComparison } from "./maintainer-scripts/compare-trees.ts";
import { openRealSuite, type RealSuite } from "./maintainer-scripts/real-root.ts";

/** Minimal roots are those of the other comparison. */
const realRoots = join(tmpdir(), "image-dsl-soak-maintainer-scripts");
const folder = join(tmpdir(), "image-dsl-soak-configure-run");

const soak: Soak = async (options) => {
  for (const each of [realRoots, folder]) mkdirSync(each, { recursive: true });
  const real = await openRealSuite(options.get("suite") ?? "bookworm", "amd64", realRoots);
  const compare = treeComparison(RUN_DIFFERENCES);
  const rows: SoakRow[] = [];
  for (const name of options.get("name")?.split(",") ?? Object.keys(RUN_IMAGES)) {
    rows.push(...(await rowsOf(name, RUN_IMAGES[name]!, real, compare)));
  }
  return rows;
};

async function rowsOf(
  name: string,
  image: RunImage,
  real: RealSuite,
  compare: ReturnType<typeof treeComparison>,
): Promise<readonly SoakRow[]> {
  const started = Date.now();
  try {
    const { tree, archive } = await installByRunning(name, image, real, folder);
    const seconds = Math.round((Date.now() - started) / 1000);
    const differences = compare((await real.install(name)).tree, tree);
    for (const difference of differences) console.error(`  ${name}: ${difference}`);
    const trees = {
      what: `${name}: paths that differ from apt's`,
      figure: `${differences.length} (built in ${seconds} s)`,
    };
    return [{ ...trees, aim: "0", ok: differences.length === 0 }, await worksRow(name, image, archive)];
  } catch (error) {
    console.error(`  ${name}: ${(error as Error).message}`);
    return [{ what: `${name}: built twice the same`, figure: "no", aim: "yes", ok: false }];
  }
}

async function worksRow(name: string, { works }: RunImage, archive: string): Promise<SoakRow> {
  const row = { what: `${name}: works`, aim: "yes" };
  try {
    if ("question" in works) await answerOfArchive(archive, QUESTIONS[works.question]!);
    else checkPrinted(archive, works.prints);
    return { ...row, figure: "yes", ok: true };
  } catch (error) {
    console.error(`  ${name}: ${(error as Error).message}`);
    return { ...row, figure: "no", ok: false };
  }
}

function checkPrinted(archive: string, wanted: RegExp): void {
  const reference = load("docker", archive);
  rmSync(archive);
  try {
    const said = runOnce("docker", reference);
    if (!wanted.test(said)) throw new Error(`It prints ${JSON.stringify(said.slice(0, 300))}`);
  } finally {
    removeImage("docker", reference);
  }
}

export default soak;
