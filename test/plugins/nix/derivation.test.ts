import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import type { ImageDslError } from "../../../core/index.ts";
import { parseDerivation } from "../../../plugins/nix/derivation.ts";
import { suite } from "../../harness.ts";
import { nixFixture, type NixFixture } from "./store-fixture.ts";

const test = suite("nix/derivation");

let host: NixFixture;
test.before(() => {
  host = nixFixture();
});

test("a derivation reads as nix show-derivation shows it", () => {
  const odd = host
    .run(
      "nix-instantiate",
      "-E",
      `with import ${host.prefix}/definitions.nix; derivation { name = "odd"; system = "s"; builder = "/b"; outputs = [ "out" "dev" ]; args = [ "a b" "\\"\\\\q\\n\\t\\r\\\${x}" ]; inherit hello dep; src = ./definitions.nix; empty = ""; }`,
    )
    .replace(/!.*/, "");
  for (const path of [odd, host.run("nix-store", "--query", "--deriver", host.build("hello"))]) {
    const shown = JSON.parse(
      host.run("nix", "--extra-experimental-features", "nix-command", "show-derivation", path),
    ) as Record<string, Record<string, never>>;
    const { outputs, inputDrvs, inputSrcs, builder, args, env } = shown[path] as unknown as Shown;
    const own = parseDerivation(readFileSync(path, "utf8"), path);
    assert.equal(
      own.outputs,
      Object.entries(outputs).map(([name, each]) => [name, each.path]),
    );
    assert.equal(own.inputDerivations, Object.entries(inputDrvs));
    assert.equal([own.inputSources, own.builder, own.args], [inputSrcs, builder, args]);
    assert.equal(Object.fromEntries(own.env), env);
  }
});

interface Shown {
  readonly outputs: Readonly<Record<string, { readonly path: string }>>;
  readonly inputDrvs: Readonly<Record<string, readonly string[]>>;
  readonly inputSrcs: readonly string[];
  readonly builder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

test("what is no derivation is refused by name", () => {
  const deep = `Derive${"(".repeat(1e6)}`;
  for (const text of [
    "",
    "Derive",
    "Derive(",
    deep,
    'Derive("a")',
    'Derive([],[],[],"s","b",[],[("a")])',
    'Derive([],[],[],"s","b",[],"x")',
    'Derive([],[],[],"s","b",[]',
  ]) {
    assert.throws(
      () => parseDerivation(text, "/x.drv"),
      (error: ImageDslError) => error.code === "E_NIX_STORE" && error.message.includes("/x.drv"),
      text.slice(0, 50),
    );
  }
});

test.run();
