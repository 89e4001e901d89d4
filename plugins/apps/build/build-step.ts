/** The build step of an app: its sources and all that its lock names, those of development too, where its output comes from. */
import { shellQuoted, type Launcher, type Source } from "../../../core/index.ts";
import { appFiles } from "../files/source.ts";
import { REFUSING_OTHERS, SHELL, nodeIfNamed } from "./elsewhere.ts";
import { RUN_SCRIPT } from "./run-script.ts";

export interface AppBuildStep {
  /** Absolute. */
  readonly dir: string;
  /** Where that is below the folder with its lock; "" where it is the same. */
  readonly member: string;
  readonly dest: string;
  /** Files below `dir` that are there whatever git tracks. */
  readonly always: readonly string[];
  /** The runtime, of this machine's. */
  readonly program: Launcher["program"];
  /** Bash text, one after the other. */
  readonly commands: readonly string[];
  /** What they use of the system; undefined where nobody says it. */
  readonly tools: readonly string[] | undefined;
  /** Folders below `dir` that they make: all that is taken of it. */
  readonly output: readonly string[];
  /** Whether anything has to be installed. */
  readonly hasDependencies: boolean;
}

/** For all of coreutils, which the step's own commands are, and mostly the folders that scripts delete and copy: they have one version. */
const COREUTILS = "cp";

export function buildStep(build: AppBuildStep): Source {
  const { dir, member, dest, always, program, commands, tools, output, hasDependencies } = build;
  const modules: Source = { kind: "npm", options: { dir, dest: "/", omit: [] } };
  return {
    kind: "step",
    options: {
      name: "build",
      dest,
      ...(tools && { tools: [COREUTILS, ...tools] }),
      inputs: {
        app: appFiles({ dir, dest: "/", always, never: output }),
        runtime: { kind: "elf", options: { files: tools ? [program, SHELL] : program, dest: "/bin/" } },
        tools: { kind: "text", options: { path: "/run-script", contents: RUN_SCRIPT, mode: 0o755 } },
        ...(hasDependencies && { modules }),
      },
      run: [
        ...(tools ? [REFUSING_OTHERS] : []),
        ...before(member, hasDependencies),
        ...(tools ? nodeIfNamed(program, tools) : []),
        ...commands,
        ...output.flatMap(taking),
      ].join("\n"),
    },
  };
}

/**
 * Tools write beside what they read, so the sources are copied; the packages are linked to, since nobody writes there: a workspace's, and what
 * is the member's alone.
 */
function before(member: string, hasDependencies: boolean): readonly string[] {
  const folder = shellQuoted(`app/${member}`);
  const own = shellQuoted(member);
  return [
    `mkdir -p "$TMPDIR"/${folder} "$TMPDIR/bin" && cd "$TMPDIR"/${folder}`,
    'cp -R "$inputs_app/." . && chmod -R u+w .',
    ...(hasDependencies ? ['ln -s "$inputs_modules/node_modules" "$TMPDIR/app/node_modules"'] : []),
    ...(hasDependencies && member !== ""
      ? [`[ ! -d "$inputs_modules"/${own}/node_modules ] || ln -s "$inputs_modules"/${own}/node_modules node_modules`]
      : []),
    'for manager in npm pnpm yarn; do ln -s "$inputs_tools/run-script" "$TMPDIR/bin/$manager"; done',
    `printf '#!/bin/sh\\nexec "$@"\\n' > "$TMPDIR/bin/npx" && chmod +x "$TMPDIR/bin/npx"`,
    'export PATH="$TMPDIR/bin:$PWD/node_modules/.bin:$TMPDIR/app/node_modules/.bin:$inputs_runtime/bin:$PATH" CI=true',
  ];
}

function taking(folder: string): readonly string[] {
  const path = shellQuoted(folder);
  const missing = shellQuoted(`The build made no ${folder}, which is said to be its output`);
  return [
    `[ -d ${path} ] || { echo ${missing} >&2; exit 1; }`,
    `mkdir -p "$out"/${path} && cp -R ${path}/. "$out"/${path}`,
  ];
}
