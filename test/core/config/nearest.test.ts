import * as assert from "uvu/assert";
import { nearest } from "../../../core/model/nearest.ts";
import { suite } from "../../harness.ts";

const test = suite("config/nearest");

test("slips of the pen find what was meant", () => {
  const known = ["contents", "config", "tag", "maxLayers", "extraCommands"];
  const cases = {
    contnts: "contents",
    conifg: "config",
    tga: "tag",
    maxlayers: "maxLayers",
    extraCommand: "extraCommands",
    Tag: "tag",
  };
  for (const [word, meant] of Object.entries(cases)) assert.is(nearest(word, known), meant, word);
});

test("what is far from everything suggests nothing", () => {
  for (const word of ["foo", "z", "configuration", ""]) assert.is(nearest(word, ["contents", "tag"]), undefined, word);
});

test("of equally near words the first is taken", () => {
  assert.is(nearest("bat", ["cat", "rat"]), "cat");
  assert.is(nearest("bat", ["rat", "cat"]), "rat");
});

test.run();
