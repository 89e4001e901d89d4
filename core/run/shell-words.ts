/** The commands that stand in a shell text, those in substitutions, functions and here-documents too. */
import type * as Unbash from "unbash";

export interface ShellCommand {
  /** As written, without quotes; what the shell would yet expand stands there with its `$`. */
  readonly name: string;
  readonly words: readonly string[];
}

export interface ShellText {
  readonly text: string;
  readonly commands: readonly ShellCommand[];
  /** Whether all of it is the shell's language as we know it. */
  readonly isUnderstood: boolean;
}

/** Loads the parser when the first script runs. */
export async function shellTextReader(): Promise<(text: string) => ShellText> {
  const { forEachChild, parse } = await import("unbash");
  return (text) => readShellText(text, parse, forEachChild);
}

function readShellText(text: string, parse: typeof Unbash.parse, forEachChild: typeof Unbash.forEachChild): ShellText {
  const commands: ShellCommand[] = [];
  const visit = (node: Parameters<typeof forEachChild>[0]): void => {
    if (node.type === "Command" && node.name !== undefined) {
      const words = node.suffix.flatMap((word) => (word.type === "Word" ? [word.value] : []));
      commands.push({ name: node.name.value, words });
    }
    forEachChild(node, visit);
  };
  const script = parse(text);
  visit(script);
  return { text, commands, isUnderstood: (script.errors ?? []).length === 0 };
}
