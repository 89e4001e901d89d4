// @runtimes node
/** In which order packages are configured: what dpkg and apt themselves do with random packages, and whole plans. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { earlyRuns } from "../../../../plugins/debian/order/apt-configure-early.ts";
import { configureOrder } from "../../../../plugins/debian/order/configure-order.ts";
import { inHashOrder } from "../../../../plugins/debian/order/hash-order.ts";
import { configureQueue } from "../../../../plugins/debian/order/dpkg-queue.ts";
import { subjectsOf, type OrderedPackage } from "../../../../plugins/debian/order/subject.ts";
import { requireTool, suite, tmp } from "../../../harness.ts";

const test = suite("debian/order", { timeout: 240_000 });

function packageOf(name: string, fields: Readonly<Record<string, string>> = {}, hasPostinst = true): OrderedPackage {
  const rest = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`);
  const text = `Package: ${name}\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n${rest.join("")}`;
  const control = new Map([["control", Buffer.from(text)]]);
  return { id: name, name, version: "1", control: hasPostinst ? control.set("postinst", Buffer.from("")) : control };
}

const orderOf = (packages: readonly OrderedPackage[]) => configureOrder(packages, "amd64").map(({ id }) => id);

test("what a package needs is configured before it, whoever provides it; what nothing here fulfils is no need", () => {
  const [a, b, c] = [
    packageOf("a", { Depends: "gone | b, more" }),
    packageOf("b", { Depends: "virtual" }),
    packageOf("c", { Provides: "virtual" }),
  ];
  assert.equal(orderOf([a, b, c]), ["c", "b", "a"]);
  assert.equal(orderOf([c, b, a]), ["c", "b", "a"]);
});

test("what something Pre-Depends on is configured first, with all that it needs", () => {
  const packages = [
    packageOf("libssl3"),
    packageOf("bash"),
    packageOf("sysv", { "Pre-Depends": "manager" }),
    packageOf("manager", { Depends: "zzz" }),
    packageOf("zzz"),
  ];
  // bash and libssl3 come first in dpkg's own table.
  assert.equal(orderOf(packages).slice(0, 2), ["zzz", "manager"]);
  assert.equal(orderOf(packages).slice(2).toSorted(), ["bash", "libssl3", "sysv"]);
  assert.equal(orderOf(packages.toReversed()), orderOf(packages));
});

test("the minimal set comes before everything else, its core first", () => {
  const packages = ["early", "base-passwd", "mawk", "late", "dash"].map((name) =>
    packageOf(name, name === "dash" ? { Depends: "late" } : {}),
  );
  const isMinimal = ({ name }: OrderedPackage) => ["base-passwd", "mawk", "dash"].includes(name);
  const order = configureOrder(packages, "amd64", isMinimal);
  assert.equal(
    order.map(({ id }) => id),
    ["base-passwd", "mawk", "late", "dash", "early"],
  );
  assert.equal(order.at(-1)!.turn, { unpacked: 1, configured: 1 });
});

test("ten thousand packages in a chain are put into order", () => {
  const chain = (field: string) =>
    Array.from({ length: 10_000 }, (_item, index) => packageOf(`p${index}`, { [field]: `p${index + 1}` }));
  assert.is(orderOf(chain("Depends"))[0], "p9999");
  assert.is(orderOf(chain("Pre-Depends"))[0], "p9999");
});

interface Plan {
  readonly edges: readonly (readonly [from: number, to: number, or: number, isPre: boolean])[];
  readonly scripts: readonly boolean[];
  readonly essential: readonly boolean[];
}

const COUNT = 9;
const number = fc.nat(COUNT - 1);
const plans = fc.record({
  edges: fc.array(fc.tuple(number, number, number, fc.boolean()), { maxLength: 16 }),
  scripts: fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT }),
  essential: fc.array(
    fc.nat(5).map((each) => each === 0),
    { minLength: COUNT, maxLength: COUNT },
  ),
});

/** `prefix` makes other names of them, and so other places in dpkg's table. */
function packagesOf({ edges, scripts, essential }: Plan, prefix: string, withPre: boolean): readonly OrderedPackage[] {
  const nameOf = (index: number) => `${prefix}${String.fromCharCode(0x61 + index)}`;
  return scripts.map((hasPostinst, index) => {
    const field = (isPre: boolean) =>
      edges
        .filter(([from, to, or, pre]) => from === index && to !== from && or !== from && (withPre && pre) === isPre)
        // Pre-Depends in a circle cannot be installed at all.
        .filter(([from, to]) => !isPre || to > from)
        .map(([, to, or]) => (or % 3 === 0 && !isPre ? `${nameOf(to)} | ${nameOf(or)}` : nameOf(to)));
    const fields = {
      ...(field(false).length > 0 && { Depends: field(false).join(", ") }),
      ...(field(true).length > 0 && { "Pre-Depends": field(true).join(", ") }),
      ...(withPre && essential[index] && { Essential: "yes" }),
    };
    return packageOf(nameOf(index), fields, hasPostinst);
  });
}

const textOf = ({ control }: OrderedPackage) => Buffer.from(control.get("control")!).toString();

test("dpkg takes a queue in this order, cycles and all", () => {
  requireTool("dpkg");
  let run = 0;
  fc.assert(
    fc.property(plans, (plan) => {
      const packages = packagesOf(plan, `q${run++}`, false);
      const database = join(tmp(), "dpkg");
      for (const name of ["info", "updates", "triggers"]) mkdirSync(join(database, name), { recursive: true });
      writeFileSync(join(database, "info/format"), "1\n");
      const status = packages.map((each) => `${textOf(each)}Status: install ok unpacked\n\n`).join("");
      writeFileSync(join(database, "status"), status);
      for (const { name, control } of packages) {
        writeFileSync(join(database, `info/${name}.list`), "");
        if (control.has("postinst")) writeFileSync(join(database, `info/${name}.postinst`), "", { mode: 0o755 });
      }
      const said = execFileSync(
        "dpkg",
        [`--admindir=${database}`, "--force-architecture", "--no-act", "--configure", "--pending"],
        { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
      );
      const real = Array.from(said.matchAll(/^Setting up ([^ :]+)/gm), ([, name]) => name!);
      const queue = inHashOrder(subjectsOf(packages, "amd64"));
      assert.equal(
        configureQueue(queue, new Set()).map(({ name }) => name),
        real,
      );
    }),
    { numRuns: 80 },
  );
});

test("apt has these configured before the rest", () => {
  requireTool("apt-get");
  const cases = fc.sample(plans, 40).map((plan, index) => packagesOf(plan, `c${index}x`, true));
  const apt = aptOf(cases.flat());
  let compared = 0;
  for (const packages of cases) {
    const said = apt(packages.map(({ name }) => name));
    // Some circles of Pre-Depends and Depends apt refuses to install.
    if (said === undefined) continue;
    compared++;
    const real = (word: string) =>
      Array.from(said.matchAll(new RegExp(`^${word} (\\S+)`, "gm")), ([, name]) => name!.replace(/:.*/, ""));
    const { runs } = earlyRuns(subjectsOf(packages, "amd64"), new Set());
    const early = runs.flatMap((each) => each.map(({ name }) => name));
    // What is left to dpkg apt tells in the order in which it was unpacked.
    const left = real("Inst").filter((name) => !early.includes(name));
    assert.equal([...early, ...left], real("Conf"), packages.map(textOf).join("\n"));
  }
  assert.ok(compared > cases.length / 2, `${compared} of ${cases.length} compared`);
});

/** `apt-get --simulate install` over nothing, from an archive of these packages; undefined where apt gives up. */
function aptOf(packages: readonly OrderedPackage[]): (names: readonly string[]) => string | undefined {
  const root = tmp();
  const path = (...parts: string[]) => join(root, ...parts);
  for (const each of ["archive", "lists/partial", "cache/archives/partial", "etc"]) {
    mkdirSync(path(each), { recursive: true });
  }
  const digest = "0".repeat(64);
  const index = packages.map((each) => `${textOf(each)}Filename: x.deb\nSize: 1\nSHA256: ${digest}\n\n`);
  writeFileSync(path("archive/Packages"), index.join(""));
  writeFileSync(path("etc/sources.list"), `deb [trusted=yes] file:${path("archive")} ./\n`);
  writeFileSync(path("status"), "");
  const options = [
    "APT::Architecture=amd64",
    "APT::Architectures=amd64",
    "APT::Get::Allow-Solver-Remove-Essential=true",
    "Acquire::Languages=none",
    "APT::Sandbox::User=root",
    "Debug::NoLocking=1",
    `Dir::State=${root}`,
    `Dir::State::lists=${path("lists")}`,
    `Dir::State::status=${path("status")}`,
    `Dir::Cache=${path("cache")}`,
    `Dir::Etc=${path("etc")}`,
  ].flatMap((option) => ["-o", option]);
  const run = (args: readonly string[]) =>
    spawnSync("apt-get", [...options, ...args], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  assert.is(run(["update"]).status, 0);
  return (names) => {
    const { status, stdout } = run(["--simulate", "--no-install-recommends", "install", ...names]);
    return status === 0 ? stdout : undefined;
  };
}

test.run();
