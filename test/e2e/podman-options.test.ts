// @runtimes node
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { suite, tmp } from "../harness.ts";
import { podmanOptions } from "./podman-options.ts";

const test = suite("e2e/podman-options");

const NOTHING: readonly string[] = [];

/** What is chosen beside the limits where the folder holds these files and those below `v2` are cgroup v2. */
function chosen(files: Readonly<Record<string, string>>, v2: readonly string[]) {
  const cgroups = tmp();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cgroups, name)), { recursive: true });
    writeFileSync(join(cgroups, name), text);
  }
  const { global, run } = podmanOptions(cgroups, (path) => v2.some((name) => join(cgroups, name) === path));
  return { global, run: run.filter((word) => word.startsWith("--cgroups")) };
}

test("cgroup v2 with its controllers, and v1 alone, need nothing", () => {
  const whole = chosen({ "cgroup.controllers": "cpuset cpu io memory hugetlb pids\n" }, [""]);
  assert.equal(whole, { global: NOTHING, run: NOTHING });
  assert.equal(chosen({ "pids/tasks": "" }, []), { global: NOTHING, run: NOTHING });
});

test("an empty v2 whose controllers are in v1 hierarchies elsewhere: containers without cgroups", () => {
  for (const controllers of ["", "hugetlb\n"])
    assert.equal(chosen({ "cgroup.controllers": controllers }, [""]), { global: NOTHING, run: ["--cgroups=disabled"] });
});

test("v1 with a v2 beside it: another runtime than crun", () => {
  const files = { "pids/tasks": "", "unified/cgroup.controllers": "hugetlb\n" };
  assert.equal(chosen(files, ["unified"]), { global: ["--runtime", "runc"], run: NOTHING });
});

test.run();
