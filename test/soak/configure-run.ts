/**
 * `debian({ configure: "run" })` against apt: each image is built by each executor, by the first with its scripts run twice, its tree compared with a root
 * in which apt installed the same packages, and asked whether it works. Options: `--suite=`, and with commas `--name=` and `--executor=`.
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Executor, ImageDslError } from "../../core/index.ts";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { load, removeImage, runOnce } from "../e2e/containers.ts";
import { answerOfArchive } from "../e2e/servers/answer.ts";
import { QUESTIONS } from "../e2e/servers/questions.ts";
import { RUN_IMAGES, type RunImage } from "./configure-run/images.ts";
import { RUN_DIFFERENCES } from "./configure-run/known-differences.ts";
import { installByRunning, type RunRoot } from "./configure-run/run-root.ts";
import { treeComparison } from "./maintainer-scripts/compare-trees.ts";
import { openRealSuite, type RealSuite } from "./maintainer-scripts/real-root.ts";

const folder = join(tmpdir(), "image-dsl-soak-configure-run");

/** What the scripts of an image see too: what they write of the time and of hashes' orders is then the same. */
const ENVIRONMENT = { SOURCE_DATE_EPOCH: "1", FORCE_SOURCE_DATE: "1", PERL_HASH_SEED: "0", PYTHONHASHSEED: "0" };

const soak: Soak = async (options) => {
  const realRoots = join(folder, "roots");
  mkdirSync(realRoots, { recursive: true });
  const real = await openRealSuite(options.get("suite") ?? "bookworm", "amd64", realRoots, ENVIRONMENT);
  const compare = treeComparison(RUN_DIFFERENCES);
  const executors = (options.get("executor") ?? "namespace,vm").split(",") as Executor[];
  const rows: SoakRow[] = [];
  for (const name of options.get("name")?.split(",") ?? Object.keys(RUN_IMAGES)) {
    /** By digest. */
    const asked = new Map<string, SoakRow>();
    for (const executor of executors) {
      const started = Date.now();
      const what = `${name}, ${executor}`;
      try {
        const image = RUN_IMAGES[name]!;
        // What an executor made twice another one makes once more.
        const root = await installByRunning(name, image, { executor, check: asked.size === 0 }, real, folder);
        rows.push(builtRow(what, root, asked.keys(), Math.round((Date.now() - started) / 1000)));
        rows.push(await comparedRow(what, name, root, real, compare));
        const works = asked.get(root.digest) ?? (await worksRow(what, image, root));
        asked.set(root.digest, works);
        rows.push({ ...works, what: `${what}: works` });
        rmSync(root.archive, { force: true });
      } catch (error) {
        rows.push(failedRow(what, error));
      }
      console.error(`  ${JSON.stringify(rows.at(-1))}`);
    }
  }
  return rows;
};

/** `others`: digests that the image has of other executors. */
function builtRow(what: string, { digest }: RunRoot, others: Iterable<string>, seconds: number): SoakRow {
  const differs = [...others].some((other) => other !== digest);
  return {
    what: `${what}: twice the same`,
    figure: `${differs ? "but not by the other executor" : "yes"}, in ${seconds} s: ${digest.slice(0, 19)}`,
    aim: "yes",
    ok: !differs,
  };
}

async function comparedRow(
  what: string,
  name: string,
  { tree }: RunRoot,
  real: RealSuite,
  compare: ReturnType<typeof treeComparison>,
): Promise<SoakRow> {
  const differences = compare((await real.install(name)).tree, tree);
  for (const difference of differences) console.error(`  ${what}: ${difference}`);
  return {
    what: `${what}: paths that differ from apt's`,
    figure: String(differences.length),
    aim: "0",
    ok: differences.length === 0,
  };
}

async function worksRow(what: string, { works }: RunImage, { archive }: RunRoot): Promise<SoakRow> {
  const row = { what, aim: "yes" };
  try {
    if ("question" in works) await answerOfArchive(archive, QUESTIONS[works.question]!);
    else checkPrinted(archive, works.prints);
    return { ...row, figure: "yes", ok: true };
  } catch (error) {
    console.error(`  ${what}: ${(error as Error).message}`);
    return { ...row, figure: "no", ok: false };
  }
}

/** What namespaces cannot do is no failure where it is told. */
function failedRow(what: string, error: unknown): SoakRow {
  const { message } = error as Error;
  const ok = error instanceof Error && (error as Partial<ImageDslError>).code === "E_NEEDS_VM";
  return { what: `${what}: twice the same`, figure: message, aim: "yes, or needs the VM", ok };
}

function checkPrinted(archive: string, wanted: RegExp): void {
  const reference = load("docker", archive);
  try {
    const said = runOnce("docker", reference);
    if (!wanted.test(said)) throw new Error(`It prints ${JSON.stringify(said.slice(0, 300))}`);
  } finally {
    removeImage("docker", reference);
  }
}

export default soak;
