/**
 * `runAsRoot` at length: scripts made at random and a file of 1 GB against a chroot of the host, and twenty machines in a row from one
 * snapshot. Options: `--runs=` of the random scripts (40 each).
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Soak, SoakRow } from "../../scripts/soak.ts";
import { compareWithChroot, rootProject } from "../e2e/chroot-referee.ts";
import { CASE_PACKAGES, checkRandomScripts } from "../e2e/root-script-cases.ts";
import { CLI, must } from "../e2e/support.ts";
import { openVisitor, type Visitor } from "../e2e/visitor.ts";

const SCRIPTS = 40;
const RUNS = 8;
const MACHINES = 20;

const soak: Soak = async (options) => {
  const visitor = openVisitor("soak-vm", { withOwnCache: true });
  const runs = Number(options.get("runs") ?? RUNS);
  try {
    return [
      row(`${runs * SCRIPTS} random scripts`, "as in a chroot", () =>
        checkRandomScripts(visitor, { runs, scripts: SCRIPTS }),
      ),
      row("a file of 1 GB", "as in a chroot", () => checkLargeFile(visitor)),
      row(`${MACHINES} restores in a row`, "other random numbers each", () => checkRandomNumbers(visitor)),
    ];
  } finally {
    visitor.dispose();
  }
};

export default soak;

function row(what: string, aim: string, check: () => void): SoakRow {
  const begun = performance.now();
  try {
    check();
    return { what, figure: `${((performance.now() - begun) / 1000).toFixed(0)} s`, aim, ok: true };
  } catch (error) {
    console.error(error);
    return { what, figure: "differs", aim, ok: false };
  }
}

function checkLargeFile(visitor: Visitor): void {
  const verdict = compareWithChroot(visitor, "large", {
    packages: CASE_PACKAGES,
    script: "yes 'a line of some length' | head -c 1G > /large; truncate -s 1G /holes; echo end >> /holes",
    more: { diskSize: 2048 },
  });
  assert.equal(verdict.differences, []);
}

function checkRandomNumbers(visitor: Visitor): void {
  const folder = rootProject(visitor, "random-numbers", {
    packages: CASE_PACKAGES,
    script: "head -c 16 /dev/urandom > /random",
  });
  const drawn = Array.from({ length: MACHINES }, () => {
    rmSync(join(visitor.env["IMAGE_DSL_CACHE"]!, "script-results"), { recursive: true, force: true });
    visitor.run(["node", CLI, "build", "-o", "rootfs:image.tar", "--quiet"], folder);
    return must(["tar", "-xOf", "image.tar", "random"], { cwd: folder }).toString("hex");
  });
  assert.is(drawn[0]!.length, 32);
  assert.is(new Set(drawn).size, MACHINES, drawn.join(" "));
}
