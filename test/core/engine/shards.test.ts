/** Dividing targets among shards: each is one's, nobody has too much, and one more moves few others. */
import * as assert from "uvu/assert";
import fc from "fast-check";
import { targetsOfShard } from "../../../core/engine/shards.ts";
import { suite } from "../../harness.ts";

const test = suite("core/engine/shards");

const targets = fc.uniqueArray(
  fc.record({ name: fc.string({ minLength: 1, maxLength: 12 }), weight: fc.integer({ min: 1, max: 6 }) }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 120 },
);
const counts = fc.integer({ min: 1, max: 12 });

const divided = (all: Parameters<typeof targetsOfShard>[0], count: number) =>
  Array.from({ length: count }, (_, index) => targetsOfShard(all, { index: index + 1, count }));

test("each target is one shard's, whatever the order in which the config has them", () => {
  fc.assert(
    fc.property(targets, counts, (all, count) => {
      const shards = divided(all, count);
      assert.equal(shards.flat().toSorted(), all.map(({ name }) => name).toSorted());
      const reversed = divided(all.toReversed(), count);
      assert.equal(
        reversed.map((names) => names.toSorted()),
        shards.map((names) => names.toSorted()),
      );
    }),
  );
});

test("no shard has more than its share, a twentieth and one target", () => {
  fc.assert(
    fc.property(targets, counts, (all, count) => {
      const weights = new Map(all.map(({ name, weight }) => [name, weight]));
      const total = all.reduce((sum, { weight }) => sum + weight, 0);
      for (const names of divided(all, count)) {
        const load = names.reduce((sum, name) => sum + weights.get(name)!, 0);
        assert.ok(load <= Math.ceil((total * 1.05) / count) + 6, `${load} of ${total} by ${count}`);
      }
    }),
  );
});

test("one more target moves few others, and one more shard about its share", () => {
  const all = Array.from({ length: 300 }, (_, index) => ({ name: `service-${index}`, weight: 1 }));
  const placesIn = (shards: readonly (readonly string[])[]) =>
    new Map(shards.flatMap((names, shard) => names.map((name) => [name, shard] as const)));
  const before = placesIn(divided(all, 8));
  const moved = (after: ReadonlyMap<string, number>) =>
    [...before].filter(([name, shard]) => after.get(name) !== shard).length;
  assert.ok(moved(placesIn(divided([...all, { name: "new", weight: 1 }], 8))) <= 15);
  assert.ok(moved(placesIn(divided(all, 9))) <= 80);
});

test.run();
