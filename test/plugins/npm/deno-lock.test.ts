/** `deno.lock`: which packages of it are for the target, and what is refused. */
import defaults from "npm-registry-fetch/lib/default-opts.js";
import * as assert from "uvu/assert";
import { readDenoLock } from "../../../plugins/npm/locks/deno/deno-lock.ts";
import { suite } from "../../harness.ts";

const test = suite("npm/deno-lock");

const TARGET = { os: "linux", cpu: "x64", libc: "glibc" };
const SPECIFIERS = { "npm:a@1": "1.0.0" };

interface Written {
  readonly version?: string;
  readonly specifiers?: object;
  readonly npm?: object;
  readonly jsr?: object;
  readonly remote?: object;
}

function planOf(written: Written, { imports = [] as readonly string[], vendored = false } = {}) {
  const text = JSON.stringify({ version: "5", specifiers: SPECIFIERS, ...written });
  return readDenoLock({ file: "/p/deno.lock", text, imports, vendored }, TARGET);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    return `${code} ${message} (${hint})`;
  }
  return "nothing was refused";
}

test("what the app's packages need, once each, in the folders of Deno's cache", () => {
  const { packages, places } = planOf({
    npm: {
      "a@1.0.0": {
        integrity: "sha512-AAAA",
        dependencies: ["b@2.0.0_a@1.0.0", "old@npm:c@1.0.0"],
        optionalDependencies: ["@s/d"],
      },
      "b@1.0.0": { dependencies: ["c"] },
      "b@2.0.0_a@1.0.0": {},
      "c@1.0.0": { tarball: "https://elsewhere.example/c.tgz" },
      "@s/d@1.0.0-rc.1": { os: ["linux"], cpu: ["arm64"] },
    },
  });
  assert.equal(
    places.map(({ path }) => path),
    ["a/1.0.0", "b/2.0.0", "c/1.0.0"].map((path) => `npm/${new URL(defaults.registry).host}/${path}`),
  );
  assert.equal(packages.get("a@1.0.0")?.needs, ["b@2.0.0", "c@1.0.0"]);
  assert.equal(packages.get("a@1.0.0")?.origin, { kind: "registry", integrity: "sha512-AAAA" });
  assert.equal(packages.get("c@1.0.0")?.origin, { kind: "registry", url: "https://elsewhere.example/c.tgz" });
});

test("what would be fetched when the app starts, what is not there, and what leads elsewhere is refused", () => {
  const a = { "a@1.0.0": {} };
  const rows: readonly [() => unknown, string][] = [
    [() => planOf({ version: "4" }), "its version is 4, and version 5 is read (Deno 2.3 or later"],
    [() => planOf({ npm: a }, { imports: ["npm:x@1"] }), 'it has no "npm:x@1", which deno.json imports (deno install'],
    [
      () => planOf({ npm: a, jsr: { "@std/path@1.0.0": {} } }),
      "the app uses jsr:@std/path@1.0.0, which Deno would fetch",
    ],
    [() => planOf({ npm: a, remote: { "https://h/m.ts": "0" } }), "the app uses https://h/m.ts, which Deno would"],
    [() => planOf({ npm: {} }), "it has no a@1.0.0, which npm:a@1 needs"],
    [() => planOf({ npm: { "a@1.0.0": { os: ["darwin"] } } }), "E_NPM_PACKAGE a@1.0.0 does not run on linux/x64"],
    [() => planOf({ npm: { "../a@1.0.0": {} } }), '"../a@1.0.0" leads out of the project'],
    [() => planOf({ npm: { "a@../1": {} } }), '"a@../1" leads out of the project'],
    [() => planOf({ npm: { "A@1.0.0": {} } }), "A has capital letters"],
    [
      () => planOf({ npm: { "a@1.0.0_b@1.0.0": {}, "a@1.0.0_b@2.0.0": {} } }),
      "are one package with different peers, of which Deno would make copies",
    ],
  ];
  for (const [act, said] of rows) assert.match(refusal(act), said, said);
  assert.ok(planOf({ npm: a, jsr: { "@std/path@1.0.0": {} } }, { vendored: true }));
});

test.run();
