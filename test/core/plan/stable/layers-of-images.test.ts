/** What an image finds of others' layers: the same as a look at all of them. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { layersOfImages } from "../../../../core/plan/stable/layers-of-images.ts";
import type { RememberedLayer } from "../../../../core/plan/stable/plan-memory.ts";
import { suite } from "../../../harness.ts";
import { runs } from "../../../sampled.ts";

const test = suite("plan/layers-of-images");

const layer = fc
  .uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 })
  .chain((keys) => fc.tuple(...keys.map((key) => fc.tuple(fc.constant(key), fc.constantFrom("1", "2")))))
  .map((entries): RememberedLayer => new Map(entries));
const images = fc.array(fc.tuple(fc.constantFrom("x", "y", "z"), fc.array(layer, { maxLength: 4 })), { maxLength: 6 });
const nodesOf = (each: RememberedLayer): string => [...each.keys()].sort().join();

test("the first layer of each set of nodes that another image has, and none of the image's own", () => {
  fc.assert(
    fc.property(images, layer, (added, sought) => {
      const index = layersOfImages();
      for (const [image, layers] of added) index.add(image, layers);
      for (const own of ["w", "x", "y", "z"]) {
        const others = added.flatMap(([image, layers]) => (image === own ? [] : layers));
        const first = new Map(others.toReversed().map((each) => [nodesOf(each), each]));
        const found = index.others(own);
        assert.equal(new Set(found.all()), new Set(first.values()));
        assert.is(found.has(sought), first.has(nodesOf(sought)));
      }
      // An image that has none of them sees them in their order.
      const inOrder = added
        .flatMap(([, layers]) => layers)
        .filter((each, at, all) => all.findIndex((other) => nodesOf(other) === nodesOf(each)) === at);
      assert.equal([...index.others("w").all()], inOrder);
    }),
    { numRuns: runs(200) },
  );
});

test.run();
