/** What presets for apps are asked, and how their calls are checked: at once, since they give plain arguments of `image()`. */
import * as v from "valibot";
import {
  ImageDslError,
  MAX_PORT,
  isPort,
  isSource,
  sourcePlace,
  type AbsolutePath,
  type Port,
  type Source,
} from "../../core/index.ts";
import { checked } from "./checked.ts";

/** What `nodeApp`, `denoApp` and `bunApp` have in common. */
export interface AppOptions {
  /** The project's folder. A relative one starts from the folder of the file that calls, which mostly is the config. @default "." */
  readonly dir?: string | undefined;
  /** What is started, by its path in the project. @default as the project itself says it */
  readonly entry?: string | undefined;
  /**
   * Patterns of what else comes along, as npm packs it: folders, files and globs; `!` takes away again. @default package.json's `files`,
   * else what git would track, less what `.dockerignore` lists; with a build step, its output alone
   */
  readonly files?: readonly string[] | undefined;
  /**
   * How it is built, as bash text, or several: `"npm run build"`. It runs without a network over what git would track and all that the
   * lock names, as a step does; `{ run: "npm run build", tools: [] }` may run on other machines, too.
   */
  readonly build?: string | readonly string[] | AppBuild | undefined;
  /** The folder that the build makes, or several: of it nothing else comes along. @default the entry's, where that is `dist`, `build`, `out`, `.output` or `.next` */
  readonly output?: string | readonly string[] | undefined;
  /** Sources that bring what the app imports, in place of what its lock says; `false`: nothing, it is bundled. */
  readonly dependencies?: Source | readonly Source[] | false | undefined;
  /** A port that it listens on, or several: `3000`, `"53/udp"`. The app is told by nobody. @default none */
  readonly port?: number | Port | readonly (number | Port)[] | undefined;
  /**
   * Whether tini is the first process, which hands signals on and buries orphans: a kernel drops a signal that the first process has
   * no handler for. @default true
   */
  readonly init?: boolean | undefined;
  /** Whether what package.json says of the app becomes labels and annotations. @default true */
  readonly metadata?: boolean | undefined;
  /** Whether the git commit is among these: `true`, as the project's folder is at it, or its hash. @default false */
  readonly revision?: boolean | string | undefined;
}

/** How an app is built, and which programs of the system that uses: machines that have the same may do it (docs/remote-execution.md). */
export interface AppBuild {
  /** Bash text, or several. */
  readonly run: string | readonly string[];
  /**
   * Programs that it uses (`["git", "python3"]`), each of which answers to `--version`; `[]`: none but bash, sh and coreutils. The runtime, and
   * what packages bring, need not be named.
   */
  readonly tools: readonly string[];
}

/** Arguments of `image()`: `image({ ...nodeApp(), user: "root" })` replaces one of them. */
export interface AppImage {
  /** As package.json has it, without the scope's `@`. */
  readonly name: string;
  /** Runtime, dependencies, and the app's files, in this order. */
  readonly contents: readonly Source[];
  /** Variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whom it runs as: nobody that may change it. */
  readonly user: AppUser;
  /** Where its files lie. */
  readonly workdir: AbsolutePath;
  /** The first process; unset without one of its own. */
  readonly entrypoint: readonly string[] | undefined;
  /** What is started. */
  readonly cmd: readonly string[];
  /** Ports that it listens on. */
  readonly expose: readonly (number | Port)[];
  /** Layers that an update changes least of, as the lock remembers them. */
  readonly layers: { readonly strategy: "stable" };
  /** What package.json says of it. */
  readonly labels: Readonly<Record<string, string>>;
  /** The same, for registries. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** The user that an app runs as. */
export interface AppUser {
  /** Also its group's. */
  readonly name: string;
  /** Its number. */
  readonly uid: number;
  /** Its group's number. */
  readonly gid: number;
  /** Where it may keep files of its own. */
  readonly home: AbsolutePath;
}

/** One of those in `contents`. */
export const source = v.custom<Source>(
  isSource,
  'expected a source, such as files("node_modules", { dest: "/app/node_modules" })',
);
const port = v.custom<number | Port>(
  (value) => isPort(String(value)),
  `expected a port from 1 to ${MAX_PORT}, such as 8080 or "53/udp"`,
);
/** A place in the project, which nothing leaves. */
export const projectPath = v.pipe(
  v.string(),
  v.regex(/^(?!\/|\.\.(?:\/|$))[^\0]+$/, 'expected a path in the project, such as "dist"'),
);

const command = v.pipe(v.string(), v.regex(/\S/, "names no command"));
const commands = [command, v.pipe(v.array(command), v.nonEmpty())] as const;
const COMMANDS = 'expected bash text, such as "npm run build", or several';
/** As `step` takes them. */
const programName = v.pipe(v.string(), v.regex(/^\w[\w.+-]*$/, 'expected a program\'s name, such as "git"'));

export const appEntries = {
  dir: v.optional(v.pipe(v.string(), v.nonEmpty("expected a folder"))),
  entry: v.optional(projectPath),
  files: v.optional(
    v.array(v.pipe(v.string(), v.nonEmpty()), 'expected a list of patterns, such as ["dist", "public"]'),
  ),
  build: v.optional(
    v.union(
      [...commands, v.strictObject({ run: v.union(commands, COMMANDS), tools: v.array(programName) })],
      `${COMMANDS}, or { run, tools }`,
    ),
  ),
  output: v.optional(
    v.union(
      [projectPath, v.pipe(v.array(projectPath), v.nonEmpty())],
      'expected a folder of the project, such as "dist", or several',
    ),
  ),
  dependencies: v.optional(v.union([v.literal(false), source, v.array(source)], "expected sources, or false")),
  port: v.optional(v.union([port, v.array(port)], "expected a port such as 8080, or a list of them")),
  init: v.optional(v.boolean()),
  metadata: v.optional(v.boolean()),
  revision: v.optional(v.union([v.boolean(), v.pipe(v.string(), v.nonEmpty())], "expected true, or a commit's hash")),
};

/** Throws `E_CONFIG_INVALID` with all problems, where the user's own code calls the preset. */
export function checkOptions(preset: string, schema: v.GenericSchema, given: unknown): void {
  const result = checked(preset, schema, given);
  if ("output" in result) return;
  throw new ImageDslError("E_CONFIG_INVALID", result.problems.map(({ text }) => text).join("\n"), {
    place: sourcePlace(new Error()),
  });
}

/** What of a `build` runs, one after the other. */
export function commandsOf(build: AppOptions["build"]): readonly string[] {
  return listOf<string>(build !== undefined && saysTools(build) ? build.run : build);
}

export function saysTools(build: NonNullable<AppOptions["build"]>): build is AppBuild {
  return typeof build === "object" && "tools" in build;
}

export function listOf<Item>(items: Item | readonly Item[] | undefined): readonly Item[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? (items as readonly Item[]) : [items as Item];
}
