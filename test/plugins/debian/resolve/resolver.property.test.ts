/** What holds of every closure, over random small archives; and apt's opinion of the same archives. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/index.ts";
import { parseControl } from "../../../../plugins/debian/resolve/control.ts";
import type { Stanza } from "../../../../plugins/debian/resolve/control.ts";
import { parseRelations } from "../../../../plugins/debian/resolve/dependency.ts";
import type { Relation } from "../../../../plugins/debian/resolve/dependency.ts";
import { packageIndex } from "../../../../plugins/debian/resolve/package-index.ts";
import type { Closure, ClosureRequest } from "../../../../plugins/debian/resolve/resolver.ts";
import { satisfiesConstraint } from "../../../../plugins/debian/resolve/version.ts";
import { suite } from "../../../harness.ts";
import { runs } from "../../../sampled.ts";
import { universeOracle } from "./apt-oracle.ts";
import { ONCE_ORDERED, randomUniverse, REAL, resolveIn, universe } from "./universe.ts";

const test = suite("debian/resolver properties", { timeout: 120_000 });

/** The same archives every time: apt's problem resolver may do what ours does not, though seldom (RESOLVER.md). */
const SAMPLE = { numRuns: runs(25), seed: 8 };

/** The closure, or the error that says why there is none. */
function outcome(text: string, requested: readonly string[], options: Partial<ClosureRequest> = {}): Closure | string {
  try {
    return resolveIn(text, requested, options);
  } catch (error) {
    if (error instanceof ImageDslError) return `${error.code}: ${error.message} (${error.hint})`;
    throw error;
  }
}

const ids = (closure: Closure): readonly string[] =>
  closure.packages.map(({ name, version }) => `${name}=${version}`).toSorted();

/** Whether one package fulfils a relation, by the letter of the policy manual and nothing else. */
function fulfils(candidate: Stanza, { name, constraint }: Relation): boolean {
  const fits = (version: string | undefined): boolean =>
    constraint === undefined ||
    (version !== undefined && satisfiesConstraint(version, constraint.operator, constraint.version));
  if (candidate.get("Package") === name && fits(candidate.get("Version"))) return true;
  return relations(candidate, "Provides").some(
    ([provided]) => provided?.name === name && fits(provided.constraint?.version),
  );
}

function relations(owner: Stanza, field: string): readonly (readonly Relation[])[] {
  return parseRelations(owner.get(field) ?? "", "amd64", "a test");
}

test("a closure is closed, free of conflicts, free of idlers, and in order but for cycles", () => {
  let resolved = 0;
  fc.assert(
    fc.property(randomUniverse({ conflicts: true, preDepends: true }), ({ stanzas, requested }) => {
      const closure = outcome(stanzas.join("\n"), requested);
      if (typeof closure === "string") return;
      resolved += 1;
      const all = new Map(
        parseControl(stanzas.join("\n"), "a test").map((entry) => [
          `${entry.get("Package")}=${entry.get("Version")}`,
          entry,
        ]),
      );
      const chosen = ids(closure).map((id) => all.get(id) as Stanza);
      for (const owner of chosen) {
        for (const alternatives of [...relations(owner, "Pre-Depends"), ...relations(owner, "Depends")]) {
          assert.ok(alternatives.some((relation) => chosen.some((other) => fulfils(other, relation))));
        }
        for (const [relation] of relations(owner, "Conflicts")) {
          assert.not(chosen.some((other) => other !== owner && relation !== undefined && fulfils(other, relation)));
        }
      }
      const byId = new Map(closure.packages.map((entry) => [entry.id, entry]));
      const reached = new Set<string>();
      const queue = closure.packages.filter(({ reason }) => reason.kind === "requested").map(({ id }) => id);
      assert.ok(queue.length <= requested.length && queue.length > 0);
      for (const id of queue) {
        if (reached.has(id)) continue;
        reached.add(id);
        for (const needed of byId.get(id)?.depends ?? []) assert.ok(queue.push(needed) > 0 && byId.has(needed));
      }
      assert.is(reached.size, closure.packages.length);
      for (const { id, reason } of closure.packages) {
        if (reason.kind === "dependency") assert.ok(byId.get(reason.of)?.depends.includes(id));
      }
      assert.is(new Set(closure.packages.map(({ name }) => name)).size, closure.packages.length);
    }),
    { numRuns: runs(400) },
  );
  assert.ok(resolved > runs(100), `only ${resolved} resolved`);
});

/** `ORDERS=20000` looks longer than a test may. */
const ORDERS = Number(process.env["ORDERS"] ?? runs(600));

test("the order of the stanzas says nothing, in one archive or two, of the closure or of what prevents it", () => {
  const archive = fc.boolean().chain((twins) => randomUniverse({ conflicts: true, preDepends: true, twins }));
  const shuffled = archive.chain((made) =>
    fc.record({
      made: fc.constant(made),
      order: fc.shuffledSubarray([...made.stanzas], { minLength: made.stanzas.length }),
      // The stanzas of the second archive.
      second: fc.oneof(fc.constant<string[]>([]), fc.subarray([...made.stanzas])),
      options: fc.record({
        essential: fc.boolean(),
        exclude: fc.oneof(fc.constant<string[]>([]), fc.subarray(REAL, { maxLength: 2 })),
        prefer: fc.array(fc.tuple(fc.constantFrom(...REAL), fc.constantFrom("1", "2"))).map((pairs) => new Map(pairs)),
      }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ made, order, second, options }) => {
      const resolve = (stanzas: readonly string[]): Closure | string => {
        const texts = [false, true].map((isSecond) => stanzas.filter((text) => second.includes(text) === isSecond));
        const archives = texts.map((entries, number) => ({ text: entries.join("\n"), archive: `archive ${number}` }));
        return outcome("", made.requested, { ...options, index: packageIndex(archives, "amd64") });
      };
      assert.equal(resolve(order), resolve(made.stanzas));
    }),
    { numRuns: ORDERS },
  );
});

test("apt chooses the same where nothing conflicts", async () => {
  for (const { stanzas, requested } of fc.sample(randomUniverse({ conflicts: false, preDepends: false }), SAMPLE)) {
    const text = stanzas.join("\n");
    const closure = outcome(text, requested);
    const apt = await (await universeOracle(text, "amd64")).install(requested).catch(() => "refused");
    if (typeof closure === "string") assert.is(apt, "refused", `${requested.join(" ")}\n${text}`);
    else assert.equal(apt, ids(closure), `${requested.join(" ")}\n${text}`);
  }
});

test("apt chooses the same from the archives whose order once mattered", async () => {
  for (const { packages, requested, closure } of ONCE_ORDERED) {
    const apt = await (await universeOracle(universe(packages), "amd64")).install(requested);
    assert.equal(
      apt,
      closure.map((name) => `${name}=1`),
    );
  }
});

test("where packages conflict, whatever apt can install can be resolved", async () => {
  let installed = 0;
  for (const { stanzas, requested } of fc.sample(randomUniverse({ conflicts: true, preDepends: false }), SAMPLE)) {
    const text = stanzas.join("\n");
    const apt = await (await universeOracle(text, "amd64")).install(requested).catch(() => "refused");
    if (apt === "refused") continue;
    installed += 1;
    assert.not.type(outcome(text, requested), "string", `${requested.join(" ")}\n${text}`);
  }
  assert.ok(installed > 0);
});

test.run();
