/**
 * Makes few files of the many that a bundle is split into. Each module that Node loads costs it about a millisecond, and
 * the bundler makes a chunk for every set of entries that share code: a hundred for a build. Here they are one for every
 * set of the starts below, which are what is always loaded whole; what is imported when it is needed stays apart, without the files that
 * only pass its names on.
 */
import { basename } from "node:path";
import { rollup, type ModuleInfo } from "rollup";

/** Entries whose static imports belong together: a worker needs none of the command line. */
const STARTS = ["cli", "worker", "index"];

/**
 * `entries`: the bundle's entry files by their names in `out`; `external` says which imports stay as they are. Gives what each file
 * that is written imports at its start.
 */
export async function mergeChunks(
  entries: Readonly<Record<string, string>>,
  out: string,
  external: (specifier: string) => boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const bundle = await rollup({
    input: { ...entries },
    external,
    plugins: [{ name: "without-banner", transform: withoutBanner }],
    // The bundler before has left out what nobody uses.
    treeshake: false,
    onLog: (_level, { code, message }) => {
      if (code !== "CIRCULAR_DEPENDENCY") throw new Error(message);
    },
  });
  const isEntry = new Set(Object.values(entries));
  let needed: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  const { output } = await bundle.write({
    dir: out,
    compact: true,
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    chunkFileNames: "chunks/[name].js",
    onlyExplicitManualChunks: true,
    manualChunks: (id, { getModuleInfo }) => {
      needed ??= new Map(STARTS.map((name) => [name, staticClosure(entries[name], getModuleInfo)]));
      const home = homeOf(id, getModuleInfo);
      if (isEntry.has(id) || isEntry.has(home)) return undefined;
      const starts = STARTS.filter((name) => needed!.get(name)!.has(home));
      return starts.length === 0 ? basename(home, ".js") : `of-${starts.join("-")}`;
    },
  });
  await bundle.close();
  return new Map(output.map((file) => [file.fileName, file.type === "chunk" ? file.imports : []]));
}

/** Of a file that only passes on what another exports, that one: who loads it loads both. */
function homeOf(id: string, info: (id: string) => ModuleInfo | null): string {
  const { code, importedIds } = info(id) ?? { code: null, importedIds: [] };
  const named = code?.replaceAll(/import"[^"]*";|\s/g, "") ?? "";
  const [, from] = /^import\{[^}]*\}from"([^"]*)";export\{[^}]*\};?$/.exec(named) ?? [];
  return importedIds.find((each) => from !== undefined && basename(each) === basename(from)) ?? id;
}

/** `require` for CommonJS, which the bundler puts before each file. */
const BANNER = /^import \{ createRequire as __createRequire \} from "node:module"; const require = [^;]*;\n/;

function withoutBanner(code: string): string | null {
  const own = code.replace(BANNER, "");
  return own === code || /\brequire\b/.test(own) ? null : own;
}

function staticClosure(entry: string | undefined, info: (id: string) => ModuleInfo | null): ReadonlySet<string> {
  const closure = new Set<string>();
  const rest = entry === undefined ? [] : [entry];
  for (let id = rest.pop(); id !== undefined; id = rest.pop()) {
    if (closure.has(id)) continue;
    closure.add(id);
    rest.push(...(info(id)?.importedIds ?? []));
  }
  return closure;
}
