/** How each runtime is asked to run a program: what a start script may say beside it, and what it finds by itself. */
import { posix } from "node:path";

export interface Launcher {
  readonly program: "node" | "deno" | "bun";
  /** As its own people write it. */
  readonly called: string;
  /** What a command starts with that runs a file, the usual one first. */
  readonly commands: readonly (readonly [string, ...string[]])[];
  /** Options whose value may stand in the next word. */
  readonly withValue: ReadonlySet<string>;
  /** Options with which it runs no file, or not as one runs a server. */
  readonly otherUse: ReadonlySet<string>;
  /** Which files it takes a path for, in its order. */
  readonly resolves: (path: string) => readonly string[];
  /** What is started where nobody says it. */
  readonly usual: readonly string[];
}

export const NODE: Launcher = {
  program: "node",
  called: "Node",
  commands: [["node"]],
  withValue: new Set([
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "--env-file",
    "-C",
    "--conditions",
  ]),
  otherUse: new Set(["-e", "-p", "--eval", "--print", "--watch", "--test", "--run"]),
  // The CommonJS loader's LOAD_AS_FILE and LOAD_AS_DIRECTORY.
  resolves: (path) => [path, `${path}.js`, posix.join(path, "index.js")],
  usual: ["server.js", "index.js"],
};

export const BUN: Launcher = {
  program: "bun",
  called: "Bun",
  commands: [["bun"], ["bun", "run"]],
  withValue: new Set([
    "-r",
    "--preload",
    "--require",
    "--import",
    "--env-file",
    "--port",
    "--cwd",
    "-c",
    "--config",
    "--conditions",
  ]),
  otherUse: new Set(["-e", "--eval", "-p", "--print", "--watch", "--hot"]),
  resolves: (path) =>
    ["", ".tsx", ".ts", ".jsx", ".mjs", ".js"]
      .flatMap((end) => [`${path}${end}`, posix.join(path, `index${end}`)])
      .filter((each) => /\.\w+$/.test(each)),
  usual: ["server.ts", "index.ts", "server.js", "index.js"],
};

export const DENO: Launcher = {
  program: "deno",
  called: "Deno",
  commands: [
    ["deno", "run"],
    ["deno", "serve"],
  ],
  withValue: new Set([
    "-c",
    "--config",
    "--import-map",
    "--env-file",
    "--lock",
    "--location",
    "--cert",
    "--seed",
    "--port",
    "--host",
  ]),
  otherUse: new Set(["--watch", "--watch-hmr", "--check-only"]),
  resolves: (path) => [path],
  usual: ["main.ts", "server.ts", "main.js", "server.js"],
};
