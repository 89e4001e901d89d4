import * as assert from "uvu/assert";
import { exportOffset, keyOffset } from "../../core/key-offset.ts";
import { suite } from "../harness.ts";

const test = suite("key-offset");

/** The keys, and the text with a mark where the deepest of them stands; without one, nothing is found. */
const TEXTS: readonly (readonly [keys: readonly (string | number)[], text: string])[] = [
  [["a"], `{ ▸a: 1 }`],
  [["b"], `{ a: { b: 1 }, ▸b: 2 }`],
  [["a", "b"], `{ a: { c: [1, { b: 3 }], ▸b: 1 } }`],
  [["a", "x"], `{ ▸a: { b: 1 } }`],
  [["a", 1], `{ a: [{ x: [1, 2] }, ▸"two", 3] }`],
  [["a", 1, "b"], `{ a: [debian({ b: 0 }), step("x", { ▸b: 1 })] }`],
  [["a", 1], `{ ▸a: [...more, 1, 2] }`],
  [["a", 0], `{ a: [▸1, ...more] }`],
  [["b"], `{ ...rest, ["b"]: 1, ▸"b": 2 }`],
  [["b"], `{ a: "}, b: 1", c: 'it\\'s {', d: \`\${"}"} b: \${{ b: \`}\` }}\`, ▸b: 2 }`],
  [["b"], `{ // b: 1, "\n /* b: 2 } ' */ a: x / 2 / (3), ▸b: 3 }`],
  [["b"], `{ a: /["/}{,]"\\//.test(x), ▸b: 1 }`],
  [["b"], `{ a: (x: number): { b: string } => { const b = { b: 1 }; return x > 2 ? b : { b: 2 } }, ▸b: 1 }`],
  [["b"], `{ a() { return [1, 2] }, ▸b }`],
  [["b"], `image({ a: 1,\n\t▸b: 2 })`],
  [["b"], `files("a, { b: 1 }", { ▸b: 2 })`],
  [["b"], `defineConfig(async ({ args }) => ({ a: args, ▸b: 2 }))`],
  [["b"], `await (own.made)({ b: 1 })`],
  [["b"], `config`],
  [["a", "b"], `{ a: { kind: "text", options: { ▸b: 1 } } }`],
  [["b"], `{ a: [ { `],
  [["b"], `{ ${"a: [".repeat(100_000)}`],
];

test("the deepest of some keys is found where it is written out, past strings, comments, patterns and functions", () => {
  for (const [keys, marked] of TEXTS) {
    const at = marked.indexOf("▸");
    const text = marked.replace("▸", "");
    assert.is(keyOffset(text, 0, keys), at < 0 ? undefined : at, marked.slice(0, 200));
  }
});

test("what is exported by default is found: as it stands there, or by its name", () => {
  for (const text of [
    `export default ▸{ a: 1 };`,
    `import "x";\nexport default ▸defineConfig({});`,
    `export const $c: Config =▸ { a: 1 };\nexport default $c;\n`,
    `const config =▸ { a: 1 }\nexport default config`,
    `export { config as default };`,
  ]) {
    const at = text.indexOf("▸");
    assert.is(exportOffset(text.replace("▸", ""), false), at < 0 ? undefined : at, text);
  }
});

test.run();
