// @runtimes node
/** Several archives with priorities: apt's opinion of which version is taken from which. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/index.ts";
import { packageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import { suite } from "../../../harness.ts";
import { archivesOracle, type OracleArchive } from "./apt-oracle.ts";
import { randomUniverse, resolveIn, stanza } from "./universe.ts";

const test = suite("debian/resolver archives", { timeout: 120_000 });

const NOT_AUTOMATIC = { NotAutomatic: "yes" };
const BACKPORTS = { NotAutomatic: "yes", ButAutomaticUpgrades: "yes" };

/** What ours takes for the archive where nobody says a priority; `fetch/release.ts` reads the same of real ones. */
function priorityOf({ priority, fields = {} }: OracleArchive): number {
  if (priority !== undefined) return priority;
  if (fields["NotAutomatic"] !== "yes") return 500;
  return fields["ButAutomaticUpgrades"] === "yes" ? 100 : 1;
}

function ours(archives: readonly OracleArchive[], requested: readonly string[]): readonly string[] | "none" {
  const inputs = archives.map((archive, number) => ({
    text: archive.packages,
    archive: `o${number}`,
    priority: priorityOf(archive),
  }));
  try {
    const { packages } = resolveIn("", requested, { index: packageIndex(inputs, "amd64") });
    return packages.map(({ name, version }) => `${name}=${version}`).toSorted();
  } catch (error) {
    if (error instanceof ImageDslError) return "none";
    throw error;
  }
}

async function apts(
  archives: readonly OracleArchive[],
  requested: readonly string[],
): Promise<readonly string[] | "none"> {
  const oracle = await archivesOracle(archives, "amd64");
  return oracle.install(requested).catch((error: unknown) => {
    if (error instanceof Error && /E: (Unable|Broken|Version|Package|Conflict)/.test(error.message)) return "none";
    throw error;
  });
}

const debian = [
  stanza("app", { Version: "2", Depends: "lib (>= 1)" }),
  stanza("lib", { Version: "2" }),
  stanza("only-here"),
].join("\n");
const vendor = [
  stanza("app", { Version: "1.9", Depends: "lib (>= 1), extra" }),
  stanza("lib", { Version: "3" }),
  stanza("extra"),
].join("\n");

const CASES: readonly (readonly [
  what: string,
  second: Omit<OracleArchive, "packages">,
  asked: string,
  taken: string,
])[] = [
  ["the newest of all is taken", {}, "app", "app=2 lib=3"],
  ["a flat archive is one as any other", { isFlat: true }, "app", "app=2 lib=3"],
  ["a higher priority wins over a higher version", { priority: 600 }, "app", "app=1.9 extra=1 lib=3"],
  ["a lower priority gives what nobody else has", { priority: 400 }, "extra app", "app=2 extra=1 lib=2"],
  ["NotAutomatic is a priority of 1", { fields: NOT_AUTOMATIC }, "extra app", "app=2 extra=1 lib=2"],
  ["ButAutomaticUpgrades is one of 100", { fields: BACKPORTS }, "app extra", "app=2 extra=1 lib=2"],
  ["a pin is stronger than NotAutomatic", { fields: NOT_AUTOMATIC, priority: 501 }, "app", "app=1.9 extra=1 lib=3"],
  ["a version that is asked for is taken from anywhere", { fields: BACKPORTS }, "app=1.9", "app=1.9 extra=1 lib=2"],
];
for (const [what, second, asked, taken] of CASES) {
  test(what, async () => {
    const archives = [{ packages: debian }, { packages: vendor, ...second }];
    const requested = asked.split(" ");
    assert.equal(ours(archives, requested), taken.split(" "));
    assert.equal(await apts(archives, requested), taken.split(" "));
  });
}

test("what a vendor calls essential is not the distribution's, and the distribution's is", () => {
  const index = packageIndex(
    [
      { text: stanza("base", { Essential: "yes" }), archive: "own" },
      {
        text: [stanza("tool", { Essential: "yes" }), stanza("base", { Version: "2" })].join("\n"),
        archive: "vendor",
        isFurther: true,
      },
    ],
    "amd64",
  );
  const { packages } = resolveIn("", [], { index, essential: true });
  assert.equal(
    packages.map(({ name, version }) => `${name}=${version}`),
    ["base=2"],
  );
});

test("apt takes the same of random archives, each with a part of the packages and a priority", async () => {
  const arbitrary = randomUniverse({ conflicts: false, preDepends: false }).chain(({ stanzas, requested }) =>
    fc.record({
      requested: fc.constant(requested),
      archives: fc.array(
        fc.record(
          {
            packages: fc.subarray([...stanzas], { minLength: 1 }).map((some) => some.join("\n")),
            priority: fc.constantFrom(1, 99, 400, 500, 990, 1001),
            fields: fc.constantFrom(NOT_AUTOMATIC, BACKPORTS),
            isFlat: fc.boolean(),
          },
          { requiredKeys: ["packages"] },
        ),
        { minLength: 2, maxLength: 3 },
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ archives, requested }) => {
      assert.equal(ours(archives, requested), await apts(archives, requested));
    }),
    { numRuns: Number(process.env["ARCHIVES"] ?? 15), seed: 8 },
  );
});

test.run();
