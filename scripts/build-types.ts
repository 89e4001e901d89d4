/**
 * Makes of tsc's declarations what is shipped: for each export one file that holds what it leads to, beside files that
 * several share. Of the bundled packages' types those come along that ours are made of, so that nobody installs them.
 */
import { globSync } from "tinyglobby";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rollup, type RollupLog } from "rollup";
import { dts } from "rollup-plugin-dts";

const TAKEN_ALONG = ["tapable", "valibot"];

/** `entries` are the sources of exports, by the name of their declaration in `out`; `made` holds what tsc made of them. */
export async function bundleDeclarations(
  project: string,
  made: string,
  out: string,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  for (const file of globSync("**/*.d.ts", { cwd: made, absolute: true })) dropFileComment(file);
  const input = Object.entries(entries).map(([name, source]) => [name, join(made, source.replace(/\.ts$/, ".d.ts"))]);
  const bundle = await rollup({
    input: Object.fromEntries(input) as Record<string, string>,
    external: /^node:/,
    plugins: [dts({ includeExternal: TAKEN_ALONG, tsconfig: join(project, "tsconfig.build.json") })],
    onLog: (_level, log) => refuse(log),
  });
  const { output } = await bundle.write({
    dir: out,
    entryFileNames: "[name].d.ts",
    chunkFileNames: ({ name }) => `shared/${name.replace(/\.d$/, "")}-[hash].d.ts`,
  });
  await bundle.close();
  const ours = new Set(output.map(({ fileName }) => fileName));
  for (const file of output)
    if (file.type === "chunk")
      checkImports(
        project,
        file.fileName,
        file.imports.filter((name) => !ours.has(name)),
      );
}

/** What is said of a file would else stand over whatever comes first in it, once the imports between are gone. */
function dropFileComment(file: string): void {
  const text = readFileSync(file, "utf8");
  const rest = text.replace(/^\/\*\*[^]*?\*\/\s*(?=import |export (?:type )?[{*]|\/\*\*)/, "");
  if (rest !== text) writeFileSync(file, rest);
}

/** Whatever the bundler finds odd would be a type that is `any` to users. */
function refuse({ message }: RollupLog): void {
  // Types that others are made of need no name of their own.
  if (!message.includes("private shared type exports")) throw new Error(message);
}

function checkImports(project: string, file: string, imports: readonly string[]): void {
  const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { dependencies: object };
  const foreign = imports.filter((name) => !name.startsWith("node:") && !Object.hasOwn(manifest.dependencies, name));
  if (foreign.length > 0) throw new Error(`Users could not resolve what ${file} imports: ${foreign.join(", ")}`);
}
