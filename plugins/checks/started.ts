/** What a container starts by its config: the command's first word, and the health check's. */
import { encodeText, type ImageConfig } from "../../core/index.ts";

/** Runtimes' own, where the image has none. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Started {
  /** The field that says so. */
  readonly field: "Entrypoint" | "Cmd" | "Healthcheck";
  /** As it is written, a byte string. */
  readonly word: string;
}

/** Undefined for an image that says no command. */
export function commandOf({ Entrypoint = [], Cmd = [] }: ImageConfig): Started | undefined {
  // One empty word is how an entry point is taken away.
  const [program] = Entrypoint;
  if (program !== undefined && program !== "") return { field: "Entrypoint", word: encodeText(program) };
  return Cmd[0] === undefined ? undefined : { field: "Cmd", word: encodeText(Cmd[0]) };
}

export function healthCheckOf({ Healthcheck, Shell }: ImageConfig): Started | undefined {
  const [kind, program] = Healthcheck?.Test ?? [];
  const word = kind === "CMD" ? program : kind === "CMD-SHELL" ? (Shell?.[0] ?? "/bin/sh") : undefined;
  return word === undefined ? undefined : { field: "Healthcheck", word: encodeText(word) };
}

/** Where a word of a command may mean a file, in the order in which it is looked for; byte strings. */
export function placesOf(word: string, { Env = [], WorkingDir = "" }: ImageConfig): readonly string[] {
  const from = (path: string): string => (path.startsWith("/") ? path : `${encodeText(WorkingDir)}/${path}`);
  if (word.includes("/")) return [from(word)];
  // An empty part of PATH is the working directory.
  return pathOf(Env)
    .split(":")
    .map((folder) => from(folder === "" ? word : `${folder}/${word}`));
}

/** The variable PATH; the last one counts. */
export function pathOf(variables: readonly string[]): string {
  const own = variables.findLast((variable) => variable.startsWith("PATH="));
  return own === undefined ? DEFAULT_PATH : encodeText(own.slice("PATH=".length));
}
