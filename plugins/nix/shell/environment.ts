/** What a shell for a derivation is given: variables, a start file, and the files that these name. */
import { createHash } from "node:crypto";
import { ImageDslError, inlineFile, treePath, shellQuoted, type Entry, type ImageConfig } from "../../../core/index.ts";
import type { Derivation } from "../derivation.ts";
import type { NixShellOptions } from "./source.ts";

/** Nix's own in its sandbox. */
export const BUILD_DIRECTORY = "/build";

/** Where our files are in the image. */
const OWN = "/etc/nix-shell";

export interface ShellEnvironment {
  readonly shell: string;
  readonly config: ImageConfig;
  readonly files: readonly Entry[];
}

/** Throws `E_NIX_SHELL` for structured attributes, and where no shell is known. */
export function shellEnvironment(derivation: Derivation, store: string, options: NixShellOptions): ShellEnvironment {
  if (derivation.env.has("__json")) {
    throw new ImageDslError("E_NIX_SHELL", "The derivation has structured attributes, which are no environment", {
      hint: "Set __structuredAttrs = false for it",
    });
  }
  const shell = options.shell ?? shellOf(derivation);
  const { uid, gid, command, run } = options;
  const path = `${shell.slice(0, shell.lastIndexOf("/")) || "/"}:${OWN}/bin`;
  const { variables, files } = attributesOf(derivation);
  const all = {
    PATH: path,
    HOME: options.homeDirectory,
    NIX_STORE: store,
    NIX_BUILD_CORES: "1",
    ...variables,
    ...Object.fromEntries(
      ["NIX_BUILD_TOP", "TMPDIR", "TEMPDIR", "TMP", "TEMP", "PWD"].map((name) => [name, BUILD_DIRECTORY]),
    ),
    TERM: "xterm-256color",
  };
  const rc = `${OWN}/rc`;
  return {
    shell,
    config: {
      User: `${uid}:${gid}`,
      WorkingDir: BUILD_DIRECTORY,
      Cmd: run === undefined ? [shell, "--rcfile", rc] : [shell, rc],
      Env: Object.entries(all)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    },
    files: [
      ...files,
      textFile(rc, startFile(shell, path, command ?? run), 0o444),
      textFile(`${OWN}/bin/buildDerivation`, buildProgram(shell, derivation), 0o555),
    ],
  };
}

/** Nixpkgs' builders are a bash. */
function shellOf({ builder }: Derivation): string {
  if (builder.endsWith("/bash")) return builder;
  throw new ImageDslError("E_NIX_SHELL", `The derivation's builder is "${builder}", which is no bash to be a shell`, {
    hint: 'Name a bash of the image, such as shell: "/bin/bash", and put what brings it into contents',
  });
}

/** The derivation's variables; those of `passAsFile` go into files, as they may be too long for an environment. */
function attributesOf({ env }: Derivation): { readonly variables: Record<string, string>; readonly files: Entry[] } {
  const inFiles = new Set((env.get("passAsFile") ?? "").split(/\s+/).filter((name) => name !== ""));
  const variables: Record<string, string> = {};
  const files: Entry[] = [];
  for (const [name, value] of env) {
    if (!inFiles.has(name)) {
      variables[name] = value;
      continue;
    }
    // By a digest, as Nix does: not every name of a variable is one of a file.
    const path = `${OWN}/attributes/${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
    variables[`${name}Path`] = path;
    files.push(textFile(path, value, 0o444));
  }
  return { variables, files };
}

/** What nix-shell makes bash read first. */
function startFile(shell: string, path: string, last: string | undefined): string {
  return [
    "unset PATH",
    "dontAddDisableDepTrack=1",
    'if [ -n "${stdenv-}" ] && [ -e "$stdenv/setup" ]; then source "$stdenv/setup"; fi',
    `PATH=${shellQuoted(path)}\${PATH:+:$PATH}`,
    `SHELL=${shellQuoted(shell)}`,
    `BASH=${shellQuoted(shell)}`,
    "set +e",
    `if [ -n "\${PS1-}" ] && [ -z "\${NIX_SHELL_PRESERVE_PROMPT-}" ]; then PS1='\\n\\[\\033[1;32m\\][nix-shell:\\w]\\$\\[\\033[0m\\] '; fi`,
    'if [ "$(type -t runHook)" = function ]; then runHook shellHook; else eval "${shellHook-}"; fi',
    "unset NIX_ENFORCE_PURITY",
    "shopt -u nullglob",
    "shopt -s execfail",
    ...(last === undefined ? [] : [last, "exit"]),
    "",
  ].join("\n");
}

/** Builds the derivation as Nix would begin to. */
function buildProgram(shell: string, { builder, args }: Derivation): string {
  return `#!${shell}\nexec ${[builder, ...args].map(shellQuoted).join(" ")}\n`;
}

function textFile(path: string, text: string, mode: number): Entry {
  return inlineFile(treePath(path), Buffer.from(text), { mode });
}
