import { spawnSync } from "node:child_process";
import fc from "fast-check";
import * as assert from "uvu/assert";
import { compareVersions, isVersion, satisfiesConstraint } from "../../../../plugins/debian/resolve/version.ts";
import { requireTool, suite } from "../../../harness.ts";
import { runs } from "../../../sampled.ts";

const test = suite("debian/version");

test("versions sort by epoch, upstream version and revision", () => {
  const sorted = ["1.0~rc1", "1.0~rc1-1", "1.0", "1.0-0.1", "1.0-1", "1.0-1+b1", "1.0+dfsg-1", "1.2", "1.10", "1:0.1"];
  const shuffled = [
    "1.10",
    "1:0.1",
    "1.0-1",
    "1.0",
    "1.0~rc1-1",
    "1.2",
    "1.0+dfsg-1",
    "1.0-1+b1",
    "1.0~rc1",
    "1.0-0.1",
  ];
  assert.equal(shuffled.toSorted(compareVersions), sorted);
});

test("numbers of any length and with leading zeros are numbers", () => {
  assert.is(compareVersions("1.007", "1.7"), 0);
  assert.ok(compareVersions("1.99999999999999999999", "1.100000000000000000000") < 0);
  assert.is(compareVersions("0:1-0", "1"), 0);
});

test("constraints are fulfilled as their operators say", () => {
  assert.ok(satisfiesConstraint("2.36-9+deb12u9", ">=", "2.36"));
  assert.not(satisfiesConstraint("2.36~rc1", ">=", "2.36"));
  assert.ok(satisfiesConstraint("1", "<<", "1.0.1"));
  assert.not(satisfiesConstraint("1.0", "<<", "1"));
  assert.ok(satisfiesConstraint("1-0", "=", "1"));
  assert.ok(satisfiesConstraint("1", "<=", "1"));
  assert.not(satisfiesConstraint("1", ">>", "1"));
});

test("what is no version is refused", () => {
  for (const good of ["1", "5:7.0.15-1~deb12u10", "1:2:3", "a.b", "0~"]) assert.ok(isVersion(good), good);
  for (const bad of ["", "1 2", "a:1", "1_2", "1\n", "-1", "1-", "1:1-1:1", "~1", `1${"0".repeat(1000)}`])
    assert.not(isVersion(bad), bad);
});

const piece = fc.stringMatching(/^[0-9A-Za-z.+~]{0,4}$/);
const version = fc
  .record({
    epoch: fc.option(fc.nat(3)),
    upstream: fc.tuple(fc.nat(30), piece, fc.constantFrom("", "-", ".0", "0"), piece).map((parts) => parts.join("")),
    revision: fc.option(fc.tuple(piece, fc.nat(12)).map(([text, number]) => `${text}${number}`)),
  })
  .map(
    ({ epoch, upstream, revision }) =>
      `${epoch === null ? "" : `${epoch}:`}${upstream}${revision === null ? "" : `-${revision}`}`,
  );
/** Versions that differ little are where the order is in doubt. */
const pair = fc.oneof(
  fc.tuple(version, version),
  fc.tuple(version, piece).map(([base, more]): [string, string] => [base, `${base}${more}`]),
);

test("dpkg gives the same order", () => {
  const dpkg = requireTool("dpkg");
  const pairs = fc
    .sample(pair, { numRuns: runs(800), seed: 20260101 })
    .filter(([a, b]) => isVersion(a) && isVersion(b));
  // One shell for all comparisons: starting dpkg is all that takes time.
  const script = `while read -r a b; do
    if "$1" --compare-versions "$a" lt "$b"; then echo -1
    elif "$1" --compare-versions "$a" eq "$b"; then echo 0
    else echo 1; fi
  done`;
  const input = pairs.map(([a, b]) => `${a} ${b}\n`).join("");
  const { stdout, status, stderr } = spawnSync("sh", ["-c", script, "sh", dpkg], { input, encoding: "utf8" });
  assert.is(status, 0, stderr);
  const theirs = stdout.trim().split("\n").map(Number);
  const ours = pairs.map(([a, b]) => Math.sign(compareVersions(a, b)));
  assert.is(theirs.length, pairs.length);
  assert.ok(pairs.length > runs(500));
  const different = pairs.filter((_, at) => ours[at] !== theirs[at]).map(([a, b]) => `${a} ${b}`);
  assert.equal(different, []);
});

test("the order is total: antisymmetric and transitive", () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.is(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0);
      const [low, mid, high] = [a, b, c].toSorted(compareVersions);
      assert.ok(compareVersions(low ?? "", mid ?? "") <= 0 && compareVersions(low ?? "", high ?? "") <= 0);
    }),
  );
});

test.run();
