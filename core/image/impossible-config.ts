/**
 * What no runtime starts a container with (tried with dockerd 20.10 and podman 4.3), field by field. Each rule gives what is
 * expected where a text is none, for the config's own check and for what is inherited from a base.
 */
import type { ImageConfig } from "../model/image-config.ts";

/** What was expected, where the text is wrong. */
export type Rule = (text: string) => string | undefined;

/** The most that runtimes take for a user or a group. */
const MAX_ID = 2 ** 31 - 1;

/** A C program sees nothing behind it; runtimes end with an error. */
export const wordRule: Rule = (text) => (text.includes("\0") ? "expected a text without NUL characters" : undefined);

export const variableRule: Rule = (text) => (/^[^=\0]+=[^\0]*$/.test(text) ? undefined : "expected NAME=value");

/** Empty is unset, and so the root directory. */
export const directoryRule: Rule = (path) =>
  path === "" || path.startsWith("/")
    ? wordRule(path)
    : `expected an absolute path, such as ${JSON.stringify(`/${path}`)}`;

export const userRule: Rule = (text) =>
  text.split(":", 2).some((word) => /^-?\d+$/.test(word) && !(Number(word) >= 0 && Number(word) <= MAX_ID))
    ? `expected a user's number from 0 to ${MAX_ID}`
    : wordRule(text);

/** A volume hides what the image has in its place; runtimes mount nothing of their own over the root or over /proc. */
export const mountRule: Rule = (path) => {
  const [first] = wordsOf(path);
  if (first === undefined) return "expected a folder below /, as a volume hides what the image has there";
  return first === "proc" ? "expected another folder than /proc, which is the kernel's" : wordRule(path);
};

/** What stops every container of an image with this config: fields with what was expected. */
export function impossibleIn(config: ImageConfig): readonly (readonly [field: keyof ImageConfig, expected: string])[] {
  const { User = "", WorkingDir = "", Env = [], Entrypoint = [], Cmd = [], Volumes = {} } = config;
  const ruled = [
    ["User", [User], userRule],
    ["WorkingDir", [WorkingDir], directoryRule],
    ["Env", Env, inheritedVariableRule],
    ["Entrypoint", Entrypoint, wordRule],
    ["Cmd", Cmd, wordRule],
    ["Volumes", Object.keys(Volumes), mountRule],
  ] as const;
  const problems = ruled.flatMap(([field, texts, rule]) => {
    // A base's config may hold anything.
    const wrong = texts.map((text: unknown) => (typeof text === "string" ? rule(text) : "expected a text"));
    const first = wrong.find((expected) => expected !== undefined);
    return first === undefined ? [] : [[field, first] as const];
  });
  // An entry point of one empty word is how `docker run` takes one away.
  const words = Entrypoint.length === 1 && Entrypoint[0] === "" ? Cmd : [...Entrypoint, ...Cmd];
  return words[0] === "" ? [...problems, ["Cmd", "expected a program as its first word"]] : problems;
}

/** Runtimes pass over a variable without a value. */
const inheritedVariableRule: Rule = (text) => (text.startsWith("=") ? variableRule(text) : wordRule(text));

/** The components of a path from the root, `..` gone. */
function wordsOf(path: string): readonly string[] {
  const words: string[] = [];
  for (const word of path.split("/")) {
    if (word === "..") words.pop();
    else if (word !== "" && word !== ".") words.push(word);
  }
  return words;
}
