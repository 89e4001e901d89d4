/** Derivations as they lie in the store: one term of strings, lists and tuples. */
import { ImageDslError } from "../../core/index.ts";

export interface Derivation {
  /** Names and paths; a path is empty where it is known only once it is built. */
  readonly outputs: readonly (readonly [name: string, path: string])[];
  /** Derivations, and which of their outputs. */
  readonly inputDerivations: readonly (readonly [path: string, outputs: readonly string[]])[];
  readonly inputSources: readonly string[];
  readonly builder: string;
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
}

type Term = string | readonly Term[];

const KEYWORD = "Derive";
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
/** Lists of lists: a derivation has three levels. */
const MAX_DEPTH = 10;

/** Throws `E_NIX_STORE` for what is no derivation, naming `path`. */
export function parseDerivation(text: string, path: string): Derivation {
  const term = text.startsWith(KEYWORD) ? parseTerm(text, KEYWORD.length) : undefined;
  if (term === undefined || typeof term === "string" || term.length !== 7) {
    throw new ImageDslError("E_NIX_STORE", `"${path}" is no derivation as Nix writes them`);
  }
  const [outputs, derivations, sources, , builder, args, env] = term;
  return {
    outputs: listOf(outputs).map((output) => [textOf(listOf(output)[0]), textOf(listOf(output)[1])]),
    inputDerivations: listOf(derivations).map((input) => [textOf(listOf(input)[0]), textsOf(listOf(input)[1])]),
    inputSources: textsOf(sources),
    builder: textOf(builder),
    args: textsOf(args),
    env: new Map(listOf(env).map((pair) => [textOf(listOf(pair)[0]), textOf(listOf(pair)[1])])),
  };

  function textsOf(each: Term | undefined): string[] {
    return listOf(each).map(textOf);
  }

  function textOf(each: Term | undefined): string {
    if (typeof each === "string") return each;
    throw new ImageDslError("E_NIX_STORE", `"${path}" is no derivation as Nix writes them`);
  }

  function listOf(each: Term | undefined): readonly Term[] {
    if (typeof each === "object") return each;
    throw new ImageDslError("E_NIX_STORE", `"${path}" is no derivation as Nix writes them`);
  }
}

/** The term that begins at `start`; undefined where it is none. */
function parseTerm(text: string, start: number): Term | undefined {
  let at = start;
  const string = /"([^"\\]*(?:\\[^][^"\\]*)*)"/y;

  function term(depth: number): Term | undefined {
    const close = { "(": ")", "[": "]" }[text[at] ?? ""];
    if (close === undefined) return quoted();
    at++;
    const items: Term[] = [];
    while (text[at] !== close) {
      if (items.length > 0 && text[at++] !== ",") return undefined;
      const item = depth < MAX_DEPTH ? term(depth + 1) : undefined;
      if (item === undefined) return undefined;
      items.push(item);
    }
    at++;
    return items;
  }

  function quoted(): string | undefined {
    string.lastIndex = at;
    const match = string.exec(text);
    if (match === null) return undefined;
    at = string.lastIndex;
    return match[1]!.replace(/\\([^])/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
  }

  return term(0);
}
