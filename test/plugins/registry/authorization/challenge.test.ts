import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { parseChallenges } from "../../../../plugins/registry/authorization/challenge.ts";
import { suite } from "../../../harness.ts";

const test = suite("registry/challenge");

const parse = (header: string) =>
  parseChallenges(header)?.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test("schemes and their parameters are told apart, also where commas stand in quotes", () => {
  for (const [header, expected] of [
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [
        [
          "bearer",
          { realm: "https://auth.example/token", service: "registry.example", scope: "repository:a/b:pull,push" },
        ],
      ],
    ],
    ['Basic realm="a \\"quoted\\" realm"', [["basic", { realm: 'a "quoted" realm' }]]],
    ['BEARER Realm = "x" , , Service=y', [["bearer", { realm: "x", service: "y" }]]],
    [
      'Basic realm="b", Bearer realm="c"',
      [
        ["basic", { realm: "b" }],
        ["bearer", { realm: "c" }],
      ],
    ],
    ["Negotiate", [["negotiate", {}]]],
    [
      "Negotiate abc123==, Basic realm=x",
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
      ],
    ],
    ['Bearer realm=""', [["bearer", { realm: "" }]]],
    ["", []],
  ] as const) {
    assert.equal(parse(header), expected, header);
  }
});

test("what breaks the grammar is not guessed at", () => {
  for (const header of [
    'Bearer realm="https://auth.example',
    'Bearer realm="a" service="b"',
    'Bearer realm="a",realm="b"',
    'Bearer realm="a",Realm="b"',
    'realm="a"',
    "Bearer realm=https://auth.example/token",
    'Bearer "realm"="x"',
    "Basic realm=Registry Realm",
    `Bearer realm="${"x".repeat(9000)}"`,
  ]) {
    assert.is(parse(header), undefined, header);
  }
});

test("no header makes it fail or hang, and what it writes it reads", () => {
  const piece = fc.constantFrom(...' ,="\\ab', "Bearer ", 'realm="', "x=y", "\t");
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => void parseChallenges(pieces.join(""))));
  fc.assert(
    fc.property(fc.string({ maxLength: 50 }), (value) => {
      const quoted = value.replace(/["\\]/g, "\\$&");
      if (/[\r\n]/.test(quoted)) return;
      assert.equal(parse(`Bearer realm="${quoted}"`), [["bearer", { realm: value }]]);
    }),
  );
});

test.run();
