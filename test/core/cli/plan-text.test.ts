import * as assert from "uvu/assert";
import { planText } from "../../../core/cli/plan-text.ts";
import { suite } from "../../harness.ts";

const test = suite("cli/plan-text");

test("no name of a node, target or script spoils the table or reaches the screen as a control character", () => {
  const evil = "e\x1b[2J\nimage (linux/amd64)\u202e\x9b";
  const node = { id: evil, name: evil, version: evil, size: 1 };
  const text = planText(
    {
      images: [
        {
          target: evil,
          platform: "linux/amd64",
          strategy: evil,
          size: 1,
          nodes: 1,
          baseLayers: 0,
          layers: [{ size: 1, reason: evil, sharedWith: [evil], nodes: [node] }],
          hasTop: true,
          scripts: [evil],
        },
      ],
      notes: [],
      warnings: [],
    },
    true,
  );
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
  assert.not.match(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.is(text.split("\n").length, "heading, columns, layer, top, end".split(",").length);
});

test.run();
