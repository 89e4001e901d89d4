/** The command and the health check: their programs are there, may be executed, and have what starts them. */
import {
  baseNameOf,
  displayBytes,
  displayPath,
  platformText,
  type CheckContext,
  type FileEntry,
  type Finding,
  type FileTree,
} from "../../core/index.ts";
import { EXECUTE, READ, hindranceOf, whoOf, type Who } from "./access.ts";
import { startOf, wordOfEnv, type Start } from "./interpreter.ts";
import { commandOf, healthCheckOf, pathOf, placesOf, type Started } from "./started.ts";
import { follow, isMounted, type Found } from "./tree.ts";

/** Scripts that are scripts' interpreters: Linux stops here too. */
const MAX_DEPTH = 5;

export function* checkCommand(context: CheckContext): Generator<Finding> {
  const { image, spec } = context;
  const command = commandOf(image.config);
  if (command === undefined) yield* noCommand(context);
  // Without its store an image is full of links that lead out of it.
  if (spec.includeStorePaths === false) return;
  const who = whoOf(image);
  for (const started of [command, healthCheckOf(image.config)]) {
    if (started === undefined) continue;
    const finding = findingOf(started.word, { context, who, said: saidOf(started) }, 0);
    if (finding !== undefined) yield finding;
  }
}

/** What is built on says its command there; and an image of data alone has nothing to start. */
function* noCommand({ image, isBase, spec }: CheckContext): Generator<Finding> {
  const hasProgram = (tree: FileTree): boolean =>
    tree.entries().some(({ type, mode }) => type === "file" && (mode & 0o111) !== 0);
  if (isBase || !hasProgram(image.tree)) return;
  const inherits = spec.base !== undefined && spec.base.inherit !== "all";
  yield {
    code: "W_NO_COMMAND",
    message: "neither config.Cmd nor config.Entrypoint says what a container runs",
    hint: `Give config.Cmd${inherits ? ', or inherit: "all" to keep what the base says' : ""}`,
  };
}

interface Subject {
  readonly context: CheckContext;
  readonly who: Who | undefined;
  /** Who names the program: the beginning of a sentence. */
  readonly said: string;
}

/** What is wrong with the program that a word means; undefined where nothing is, or where only a container could tell. */
function findingOf(word: string, subject: Subject, depth: number): Finding | undefined {
  const { context, who, said } = subject;
  const { image } = context;
  const places = placesOf(word, image.config);
  const candidates: Candidate[] = [];
  for (const place of places) {
    const found = follow(image.tree, place);
    if (isFile(found)) {
      const hindrance = hindranceOf(found, EXECUTE, image, who);
      if (hindrance === undefined) return depth > MAX_DEPTH ? undefined : findingOfFile(found, subject, depth);
      candidates.push({ found, hindrance });
    } else if (isMounted(image, place)) return undefined;
  }
  const [closed] = candidates;
  if (closed !== undefined) {
    return {
      code: "W_COMMAND_ACCESS",
      message: `${said} ${quoted(word)}, which ${closed.hindrance}`,
      hint: `Change it where ${displayPath(closed.found.path)} comes from (mode: 0o755), or by chmod in extraCommands`,
    };
  }
  return missing(word, places, subject);
}

interface Candidate {
  readonly found: Found;
  readonly hindrance: string;
}

function missing(word: string, places: readonly string[], { context, said }: Subject): Finding {
  const { tree, config } = context.image;
  const isDirectory = follow(tree, places[0]!)?.isDirectory ?? false;
  const where = word.includes("/") ? "not there" : `in no folder of PATH (${displayBytes(pathOf(config.Env ?? []))})`;
  const other = elsewhere(tree, word);
  return {
    code: "W_COMMAND_MISSING",
    message: `${said} ${quoted(word)}, which is ${isDirectory && word.includes("/") ? "a directory" : where}`,
    hint: other === undefined ? "Bring what it belongs to, or write its path" : `Is ${other} meant?`,
  };
}

/** The first program of this name, wherever it lies. */
function elsewhere(tree: FileTree, word: string): string | undefined {
  const name = word.slice(word.lastIndexOf("/") + 1);
  if (name === "") return undefined;
  const entry = tree
    .entries()
    .find(({ path, type, mode }) => baseNameOf(path) === name && type === "file" && (mode & 0o111) !== 0);
  return entry && displayPath(entry.path);
}

/** A program that is there: what has to start it. */
function findingOfFile(
  found: Found & { readonly entry: FileEntry },
  subject: Subject,
  depth: number,
): Finding | undefined {
  const { context, who } = subject;
  const { image } = context;
  const shown = displayPath(found.path);
  const start = startOf(found.entry);
  switch (start.kind) {
    case "itself":
      return undefined;
    case "nothing":
      return {
        code: "W_COMMAND_INTERPRETER",
        message: `${shown} ${start.what}, so that no container can start it`,
        hint: "Write its interpreter into its first line, as in #!/bin/sh",
      };
    case "elf":
      return findingOfElf(shown, start, context);
    case "script": {
      const hindrance = hindranceOf(found, EXECUTE | READ, image, who);
      if (hindrance !== undefined) {
        return {
          code: "W_COMMAND_ACCESS",
          message: `${shown} is a script, which ${hindrance}`,
          hint: "Let him read it",
        };
      }
      return findingOfInterpreter(
        start.interpreter,
        start.argument,
        { ...subject, said: `${shown} is a script for` },
        depth,
      );
    }
  }
}

function findingOfElf(
  shown: string,
  { loader, architecture }: Extract<Start, { readonly kind: "elf" }>,
  { image, platform }: CheckContext,
): Finding | undefined {
  if (architecture !== undefined && !runs(platform.architecture, architecture)) {
    return {
      code: "W_COMMAND_PLATFORM",
      message: `${shown} is for ${architecture}, but the image is for ${platformText(platform)}`,
      hint: `Bring the program for ${platform.architecture}, or build with --platform ${platform.os}/${architecture}`,
    };
  }
  if (loader === undefined || isFile(follow(image.tree, loader)) || isMounted(image, loader)) return undefined;
  return {
    code: "W_COMMAND_INTERPRETER",
    message: `${shown} is started by ${quoted(loader)}, its dynamic loader, which is not there`,
    hint: "Bring the C library, as elf() and debian() do with each program, or link the program statically",
  };
}

/** Processors that run the programs of smaller ones too. */
function runs(processor: string, architecture: string): boolean {
  const also: Readonly<Record<string, string>> = {
    amd64: "386",
    arm64: "arm",
    s390x: "s390",
    mips64le: "mipsle",
    mips64: "mips",
  };
  return architecture === processor || also[processor] === architecture;
}

function findingOfInterpreter(
  interpreter: string,
  argument: string,
  subject: Subject,
  depth: number,
): Finding | undefined {
  // A name without a slash is looked for where the container starts, not in PATH.
  const path = interpreter.includes("/") ? interpreter : `./${interpreter}`;
  const finding = findingOf(path, subject, depth + 1);
  if (finding !== undefined) {
    const line = interpreter.endsWith("\r")
      ? "Its first line ends in a carriage return: save it with the line ends of Unix"
      : undefined;
    return { ...finding, code: "W_COMMAND_INTERPRETER", hint: line ?? finding.hint };
  }
  if (!/(^|\/)env$/.test(interpreter)) return undefined;
  const word = wordOfEnv(argument);
  const ofEnv = word === undefined ? undefined : findingOf(word, subject, depth + 1);
  if (ofEnv === undefined) return undefined;
  const hint = word!.endsWith("\r")
    ? "Its first line ends in a carriage return: save it with the line ends of Unix"
    : /\s/.test(word!)
      ? "env takes all of the line for one name: write env -S"
      : ofEnv.hint;
  return { ...ofEnv, code: "W_COMMAND_INTERPRETER", hint };
}

function isFile(found: Found | undefined): found is Found & { readonly entry: FileEntry } {
  return found?.entry?.type === "file";
}

function saidOf({ field }: Started): string {
  return field === "Healthcheck" ? "config.Healthcheck runs" : `config.${field} starts`;
}

function quoted(word: string): string {
  return JSON.stringify(displayBytes(word)).replaceAll("\\\\x", "\\x");
}
