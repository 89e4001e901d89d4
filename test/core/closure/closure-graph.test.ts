/** Closure graphs: what is refused, what is tidied, what is reachable. */
import * as assert from "uvu/assert";
import { closureGraph, reachable } from "../../../core/closure/closure-graph.ts";
import { ImageDslError } from "../../../core/error.ts";
import { suite } from "../../harness.ts";
import { chain, closureNode, closureOf } from "../../reference/closures.ts";

const test = suite("closure/closure-graph");

test("keeps the order given, drops self references and repeated ones", () => {
  const graph = closureGraph([closureNode("b", ["b", "a", "a"]), closureNode("a", [])], ["b", "b"]);
  assert.equal([...graph.nodes.keys()], ["b", "a"]);
  assert.equal(graph.nodes.get("b")!.needs, ["a"]);
  assert.equal(graph.roots, ["b"]);
});

test("keeps nodes that no root reaches", () => {
  const graph = closureGraph([closureNode("a", []), closureNode("alone", [])], ["a"]);
  assert.equal([...graph.nodes.keys()], ["a", "alone"]);
});

test("leaves a node that needs no tidying as it is", () => {
  const node = closureNode("a", []);
  assert.is(closureGraph([node], []).nodes.get("a"), node);
});

refused("a reference that does not resolve", 'Node "a" needs "b\\x1b", which is not in the closure', () =>
  closureGraph([closureNode("a", ["b\x1b"])], []),
);
refused("a root that is no node", 'Root "b" is not in the closure', () => closureGraph([closureNode("a", [])], ["b"]));
refused("an id given twice", 'Node "a" is in the closure twice', () =>
  closureGraph([closureNode("a", []), closureNode("a", [])], []),
);
for (const size of [-1, 0.5, Number.NaN, 2 ** 53]) {
  refused(`the size ${size}`, `Node "a" has the size ${size}, which is not a whole number of bytes`, () =>
    closureGraph([closureNode("a", [], { size })], []),
  );
}

test("reachable gives what is needed, in the order of the graph, and passes over unknown ids", () => {
  const graph = closureOf({ d: [], a: ["b"], b: ["c"], c: ["a", "d"], e: ["a"] });
  assert.equal([...reachable(graph, ["b", "nobody"])], ["d", "a", "b", "c"]);
  assert.equal([...reachable(graph, [])], []);
});

test("reachable follows a chain of 100,000", () => {
  assert.is(reachable(chain(100_000), ["n0"]).size, 100_000);
});

function refused(what: string, message: string, make: () => unknown): void {
  test(`refuses ${what}`, () => {
    assert.throws(
      make,
      (error: unknown) =>
        error instanceof ImageDslError &&
        error.code === "E_CLOSURE_INVALID" &&
        error.message === message &&
        error.hint !== undefined,
    );
  });
}

test.run();
