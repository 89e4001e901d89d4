// @runtimes node
import { join } from "node:path";
import ts from "typescript";
import * as assert from "uvu/assert";
import { suite } from "../harness.ts";

const test = suite("docs/hover", { timeout: 120_000 });
const project = join(import.meta.dirname, "../..");
/** Sources, and what users get of them. */
const entries = [
  ["plugins/index.ts", "dist/types/index.d.ts"],
  ["core/index.ts", "dist/types/plugin.d.ts"],
  ["core/testing/index.ts", "dist/types/testing.d.ts"],
] as const;
const { exportsOf, checker } = load();

for (const [source, bundled] of entries) {
  test(`editors show a text for everything that ${source} exports, and for each option`, () => {
    const texts = textsOf(source);
    assert.ok(texts.length > 5, `${texts.length}`);
    assert.equal(
      texts.filter(({ text }) => text === "").map(({ path }) => path),
      [],
    );
  });

  test(`${bundled} shows the text that the sources have, word for word`, () => {
    const named = (entry: string) =>
      textsOf(entry)
        .map(({ name, text }) => `${name}: ${text}`)
        .sort();
    assert.equal(named(bundled), named(source));
  });
}

test("the durations of a health check name their unit", () => {
  const config = exportsOf("plugins/index.ts").find(({ name }) => name === "ImageConfig");
  const check = membersOf(config).find(({ name }) => name === "Healthcheck");
  assert.ok(check);
  const members = checker.getNonNullableType(checker.getTypeOfSymbol(check)).getProperties();
  const texts = new Map(members.map((member) => [member.name, textOf(member)]));
  for (const name of ["Interval", "Timeout", "StartPeriod"]) assert.match(texts.get(name) ?? "", /nanoseconds/i, name);
});

test.run();

function load(): { readonly exportsOf: (entry: string) => readonly ts.Symbol[]; readonly checker: ts.TypeChecker } {
  const { config } = ts.readConfigFile(join(project, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, project);
  const files = entries.flat().map((entry) => join(project, entry));
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const types = program.getTypeChecker();
  const exportsOf = (entry: string) => {
    const source = program.getSourceFile(join(project, entry));
    const module = source && types.getSymbolAtLocation(source);
    assert.ok(module, entry);
    return types
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? types.getAliasedSymbol(symbol) : symbol));
  };
  return { exportsOf, checker: types };
}

/** Of each export and each member that it declares itself: the path to mend it at, its name, its text. */
function textsOf(entry: string): { readonly path: string; readonly name: string; readonly text: string }[] {
  return exportsOf(entry).flatMap((symbol) =>
    [symbol, ...membersOf(symbol)].map((each) => {
      const name = each === symbol ? symbol.name : `${symbol.name}.${each.name}`;
      const file = each.declarations?.[0]?.getSourceFile().fileName.slice(project.length + 1);
      return { path: `${file}: ${name}`, name, text: textOf(each) };
    }),
  );
}

/** Those that can be used: none that are private, and none that only keep a union's other part apart. */
function membersOf(symbol: ts.Symbol | undefined): ts.Symbol[] {
  return (symbol?.declarations ?? [])
    .flatMap((each): readonly (ts.TypeElement | ts.ClassElement)[] => {
      if (ts.isInterfaceDeclaration(each) || ts.isClassDeclaration(each)) return each.members;
      return ts.isTypeAliasDeclaration(each) ? literalMembers(each.type) : [];
    })
    .filter((member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.NonPublicAccessibilityModifier))
    .filter((member) => !(ts.isPropertySignature(member) && member.type?.kind === ts.SyntaxKind.UndefinedKeyword))
    .flatMap(({ name }) => (name && isWritten(name) ? (checker.getSymbolAtLocation(name) ?? []) : []));
}

/** What an object literal type has, or each of a union or an intersection of such. */
function literalMembers(type: ts.TypeNode): readonly ts.TypeElement[] {
  if (ts.isTypeLiteralNode(type)) return type.members;
  return ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type) ? type.types.flatMap(literalMembers) : [];
}

/** Neither `#name` nor a brand's symbol. */
function isWritten(name: ts.PropertyName): boolean {
  return !ts.isPrivateIdentifier(name) && !ts.isComputedPropertyName(name);
}

function textOf(symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}
