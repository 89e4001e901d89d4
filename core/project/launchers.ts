/** How each runtime is asked to run a program: what a start script may say beside it, and what it finds by itself. */
import { posix } from "node:path";

/** A module that is loaded before the program, a file of variables that it does not start without, or anything else. */
export type ValueKind = "module" | "variables" | "other";

/** How one of the runtimes is asked to run a file. */
export interface Launcher {
  /** Its name. */
  readonly program: "node" | "deno" | "bun";
  /** As its own people write it. */
  readonly called: string;
  /** What a command starts with that runs a file, the usual one first. */
  readonly commands: readonly (readonly [string, ...string[]])[];
  /** Options whose value may stand in the next word, and what that is. */
  readonly withValue: ReadonlyMap<string, ValueKind>;
  /** Options with which it runs no file, or not as one runs a server. */
  readonly otherUse: ReadonlySet<string>;
  /** Which files it takes a path for, in its order. */
  readonly resolves: (path: string) => readonly string[];
  /** What is started where nobody says it. */
  readonly usual: readonly string[];
}

const NODE: Launcher = {
  program: "node",
  called: "Node",
  commands: [["node"]],
  withValue: valueKinds({
    module: "-r --require --import --loader --experimental-loader",
    variables: "--env-file",
    other:
      "--env-file-if-exists -C --conditions --title --disable-warning --dns-result-order --max-http-header-size --unhandled-rejections --icu-data-dir --openssl-config --redirect-warnings --diagnostic-dir --report-dir --report-directory --report-filename --report-signal --heapsnapshot-signal --cpu-prof-dir --cpu-prof-name --heap-prof-dir --heap-prof-name --secure-heap --tls-cipher-list --tls-keylog --trace-event-categories --trace-event-file-pattern --allow-fs-read --allow-fs-write --input-type --experimental-default-type --localstorage-file --snapshot-blob --v8-pool-size --use-largepages",
  }),
  otherUse: new Set(
    "-e -p -pe --eval --print -c --check -i --interactive --watch --watch-path --test --run".split(" "),
  ),
  // The CommonJS loader's LOAD_AS_FILE and LOAD_AS_DIRECTORY.
  resolves: (path) => [path, `${path}.js`, posix.join(path, "index.js")],
  usual: ["server.js", "index.js"],
};

const BUN: Launcher = {
  program: "bun",
  called: "Bun",
  commands: [["bun"], ["bun", "run"]],
  withValue: valueKinds({
    module: "-r --preload --require --import",
    other: "--env-file --port --cwd -c --config --conditions",
  }),
  otherUse: new Set(["-e", "--eval", "-p", "--print", "--watch", "--hot"]),
  resolves: (path) =>
    ["", ".tsx", ".ts", ".jsx", ".mjs", ".js"]
      .flatMap((end) => [`${path}${end}`, posix.join(path, `index${end}`)])
      .filter((each) => /\.\w+$/.test(each)),
  usual: ["server.ts", "index.ts", "server.js", "index.js"],
};

const DENO: Launcher = {
  program: "deno",
  called: "Deno",
  commands: [
    ["deno", "run"],
    ["deno", "serve"],
  ],
  withValue: valueKinds({
    module: "--preload --import",
    other: "-c --config --import-map --env-file --lock --location --cert --seed --port --host",
  }),
  otherUse: new Set(["--watch", "--watch-hmr", "--check-only"]),
  resolves: (path) => [path],
  usual: ["main.ts", "server.ts", "main.js", "server.js"],
};

/** All of them, by their programs' names. */
export const LAUNCHERS: Readonly<Record<Launcher["program"], Launcher>> = { node: NODE, bun: BUN, deno: DENO };

function valueKinds(options: Partial<Record<ValueKind, string>>): ReadonlyMap<string, ValueKind> {
  const kinds = Object.entries(options) as readonly (readonly [ValueKind, string])[];
  return new Map(kinds.flatMap(([kind, names]) => names.split(" ").map((name) => [name, kind] as const)));
}
