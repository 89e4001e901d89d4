// @runtimes node
import { join } from "node:path";
import ts from "typescript";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";

const test = suite("docs/hover", { timeout: 120_000 });
const project = join(import.meta.dirname, "../..");
/** Sources, and what users get. */
const entries = ["plugins/index.ts", "dist/types/index.d.ts"];
const { exports, checker } = load();

for (const [index, exported] of exports.entries()) {
  test(`editors show a text for everything that image-dsl exports, and for each option: ${entries[index]}`, () => {
    assert.ok(exported.length > 50, `${exported.length}`);
    const silent = exported.flatMap((symbol) =>
      [symbol, ...membersOf(symbol)].filter((each) => textOf(each) === "").map((each) => pathOf(each)),
    );
    assert.equal(silent, []);
  });
}

test("the bundled declarations show the text that the sources have, word for word", () => {
  const [sources = [], bundled = []] = exports.map((exported) =>
    exported
      .flatMap((symbol) => [symbol, ...membersOf(symbol)].map((each) => `${symbol.name}.${each.name}: ${textOf(each)}`))
      .sort(),
  );
  assert.equal(bundled, sources);
});

test("the durations of a health check name their unit", () => {
  const config = exports[0]?.find(({ name }) => name === "ImageConfig");
  const check = membersOf(config).find(({ name }) => name === "Healthcheck");
  assert.ok(check);
  const members = checker.getNonNullableType(checker.getTypeOfSymbol(check)).getProperties();
  const texts = new Map(members.map((member) => [member.name, textOf(member)]));
  for (const name of ["Interval", "Timeout", "StartPeriod"]) assert.match(texts.get(name) ?? "", /nanoseconds/i, name);
});

test.run();

function load(): { readonly exports: readonly (readonly ts.Symbol[])[]; readonly checker: ts.TypeChecker } {
  const { config } = ts.readConfigFile(join(project, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, project);
  const files = entries.map((entry) => join(project, entry));
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const types = program.getTypeChecker();
  const exports = files.map((file) => {
    const source = program.getSourceFile(file);
    const module = source && types.getSymbolAtLocation(source);
    assert.ok(module, file);
    return types
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? types.getAliasedSymbol(symbol) : symbol));
  });
  return { exports, checker: types };
}

/** Those that an interface declares itself. */
function membersOf(symbol: ts.Symbol | undefined): ts.Symbol[] {
  return (symbol?.declarations ?? [])
    .filter((each) => ts.isInterfaceDeclaration(each))
    .flatMap(({ members }) => members.map(({ name }) => name && checker.getSymbolAtLocation(name)))
    .filter((member) => member !== undefined);
}

function textOf(symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

function pathOf(symbol: ts.Symbol): string {
  const place = symbol.declarations?.[0];
  const file = place?.getSourceFile().fileName.slice(project.length + 1);
  const parent = place?.parent && ts.isInterfaceDeclaration(place.parent) ? `${place.parent.name.text}.` : "";
  return `${file}: ${parent}${symbol.name}`;
}
