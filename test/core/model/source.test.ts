import * as assert from "uvu/assert";
import * as v from "valibot";
import { defineSource } from "../../../core/model/source.ts";
import type { StandardSchema } from "../../../core/model/schema.ts";
import { suite } from "../../harness.ts";

const test = suite("model/source");

interface Options {
  readonly path: string;
  readonly name?: string;
}

const optional = v.optional(v.string());
const foreign: StandardSchema = { "~standard": { version: 1, vendor: "other", validate: (value) => ({ value }) } };

test("a source's layer and name are no options of its kind", () => {
  const make = defineSource<"a", { readonly path: string }>("a", v.strictObject({ path: v.string() }));
  assert.equal(make({ path: "/a", name: "n", layer: "own" }), {
    kind: "a",
    options: { path: "/a" },
    name: "n",
    layer: "own",
  });
  assert.equal(make({ path: "/a" }), { kind: "a", options: { path: "/a" } });
});

test("a kind that has a name of its own keeps it, and so does one of whose schema nothing is known", () => {
  const plain = v.strictObject({ path: v.string(), name: optional });
  for (const schema of [
    plain,
    v.pipe(
      plain,
      v.check(() => true),
    ),
    foreign,
  ]) {
    const make = defineSource<"a", Options>("a", schema);
    assert.equal(make({ path: "/a", name: "n", layer: "top" }), {
      kind: "a",
      options: { path: "/a", name: "n" },
      layer: "top",
    });
  }
});

test.run();
