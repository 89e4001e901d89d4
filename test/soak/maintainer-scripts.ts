/**
 * Maintainer scripts on paper against dpkg: packages chosen by a rule are installed for real and worked out, and the two
 * trees compared. One that is called worked out and differs is a failure. Options: `--suite=`, `--architecture=`,
 * `--packages=` how many, `--name=` only these (with commas), `--shard=2/4`, `--jobs=`, `--report=` a file for the results as JSON.
 * arm64 needs qemu-user-static, registered with binfmt_misc.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Soak, SoakOptions, SoakRow } from "../../scripts/soak.ts";
import { choosePackages } from "./maintainer-scripts/chosen-packages.ts";
import { treeComparison } from "./maintainer-scripts/compare-trees.ts";
import { installOnPaper } from "./maintainer-scripts/paper-root.ts";
import { openRealSuite, type RealSuite } from "./maintainer-scripts/real-root.ts";
import { rowsOf, type PackageResult } from "./maintainer-scripts/results.ts";

/** What is measured where nothing else is asked for. */
const PARTS: readonly (readonly [suite: string, architecture: string, packages: number])[] = [
  ["bookworm", "amd64", 200],
  ["trixie", "amd64", 100],
  ["bookworm", "arm64", 20],
];

const folder = join(tmpdir(), "image-dsl-soak-maintainer-scripts");

const soak: Soak = async (options) => {
  mkdirSync(folder, { recursive: true });
  const results: PackageResult[] = [];
  const rows: SoakRow[] = [];
  const architecture =
    options.get("architecture") ?? (options.has("suite") || options.has("name") ? "amd64" : undefined);
  for (const [suite, each, count] of PARTS) {
    if (options.has("suite") && options.get("suite") !== suite) continue;
    if (architecture !== undefined && architecture !== each) continue;
    const real = await openRealSuite(suite, each, folder);
    const measured = await measure(real, chosen(real, count, options), Number(options.get("jobs") ?? 2));
    rows.push(...rowsOf(suite, each, measured));
    results.push(...measured);
  }
  if (options.has("report")) writeFileSync(options.get("report")!, `${JSON.stringify(results, null, 1)}\n`);
  return rows;
};

function chosen({ packagesText }: RealSuite, usual: number, options: SoakOptions): readonly string[] {
  const named = options.get("name");
  if (named !== undefined) return named.split(",");
  const all = choosePackages(packagesText, Number(options.get("packages") ?? usual));
  const [number, of] = (options.get("shard") ?? "1/1").split("/").map(Number) as [number, number];
  return all.filter((_, index) => index % of === number - 1);
}

async function measure(real: RealSuite, names: readonly string[], jobs: number): Promise<readonly PackageResult[]> {
  const compare = treeComparison();
  const results: PackageResult[] = [];
  const waiting = names.values();
  const worker = async () => {
    for (const name of waiting) {
      const result = await measureOne(name, real, compare);
      results.push(result);
      console.error(
        `  ${results.length} of ${names.length} ${real.suite} ${name}: ${result.outcome} ${result.reasons.slice(0, 8).join("\n      ")}`,
      );
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

async function measureOne(
  name: string,
  real: RealSuite,
  compare: ReturnType<typeof treeComparison>,
): Promise<PackageResult> {
  const about = { suite: real.suite, architecture: real.architecture, name };
  try {
    const [paper, installed] = await Promise.all([installOnPaper(name, real, folder), real.install(name)]);
    if (paper.notCovered.length > 0) return { ...about, outcome: "not covered", reasons: paper.notCovered };
    const reasons = [...packageDifferences(installed.packages, paper.packages), ...compare(installed.tree, paper.tree)];
    return { ...about, outcome: reasons.length === 0 ? "worked out" : "differing", reasons };
  } catch (error) {
    return { ...about, outcome: "failed", reasons: [error instanceof Error ? error.message : String(error)] };
  }
}

/** The skeleton stands for usr-is-merged. */
function packageDifferences(real: readonly string[], paper: readonly string[]): readonly string[] {
  const only = (these: readonly string[], those: readonly string[], where: string) =>
    these
      .filter((each) => !those.includes(each) && !each.startsWith("usr-is-merged="))
      .map((each) => `${each}: only ${where}`);
  return [...only(real, paper, "real"), ...only(paper, real, "on paper")];
}

export default soak;
