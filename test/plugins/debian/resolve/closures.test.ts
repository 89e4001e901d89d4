// @runtimes node
/**
 * Real closures of Debian's own archive, against apt. `CLOSURES=print` prints the table. There are no differences to
 * explain: RESOLVER.md says in which cases there could be some.
 */
import * as assert from "uvu/assert";
import { packageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import type { PackageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import { resolveClosure } from "../../../../plugins/debian/resolve/resolver.ts";
import { suite } from "../../../harness.ts";
import { debianOracle } from "./apt-oracle.ts";
import type { AptOracle } from "./apt-oracle.ts";

const test = suite("debian/closures", { timeout: 300_000 });

const SUITE = "bookworm";
const CLOSURES: Readonly<Record<string, readonly string[]>> = {
  amd64: [
    "redis-server",
    "git",
    "python3",
    "nodejs",
    "nginx",
    "postgresql",
    "openjdk-17-jre-headless",
    "curl ca-certificates",
    "default-mta",
    "mailutils postfix",
    "php cron",
  ],
  arm64: ["nginx", "redis-server", "build-essential"],
};

for (const [architecture, requests] of Object.entries(CLOSURES)) {
  test(`apt would install the same into an empty root, for ${architecture}`, async () => {
    const oracle = await debianOracle(SUITE, architecture);
    const index = packageIndex(oracle.texts, architecture);
    for (const request of requests) await compare(oracle, index, request.split(" "), {});
    if (architecture === "amd64") {
      await compare(oracle, index, ["git"], { recommends: true });
      await compare(oracle, index, [], { essential: true });
    }
  });
}

async function compare(
  oracle: AptOracle,
  index: PackageIndex,
  packages: readonly string[],
  { recommends = false, essential = false }: { readonly recommends?: boolean; readonly essential?: boolean },
): Promise<void> {
  const closure = resolveClosure({
    index,
    packages,
    recommends,
    essential,
    exclude: [],
    prefer: new Map(),
    satisfied: ["usr-is-merged"],
  });
  const ours = closure.packages.map(({ name, version }) => `${name}=${version}`).toSorted();
  const patterns = essential ? ["?essential", "?priority(required)"] : [];
  const theirs = await oracle.install([...packages, ...patterns], { recommends });
  const title = [...packages, recommends ? "(recommends)" : "", essential ? "(essential)" : ""].join(" ").trim();
  if (process.env["CLOSURES"] === "print") console.log(`${oracle.architecture} ${title}: ${ours.length} packages`);
  assert.ok(theirs.length > 0);
  assert.equal(ours, theirs, title);
}

test.run();
