/** What the C locale says of paper and characters: no other one is in force while packages are installed. */
import type { CommandTable, Invocation } from "../world.ts";
import { linesOf, printLine } from "./text.ts";

const PAPER: Readonly<Record<string, string>> = { width: "210", height: "297" };

export const LOCALE_COMMANDS: CommandTable = {
  locale(invocation) {
    const [keyword = "", ...more] = invocation.args;
    if (more.length > 0) return invocation.refuse("locale with such operands");
    if (Object.hasOwn(PAPER, keyword)) {
      if (!isPlain(localeOf(invocation, "LC_PAPER"))) return invocation.refuse("locale of another locale");
      return printLine(invocation, PAPER[keyword]!);
    }
    if (keyword !== "charmap") return invocation.refuse("locale with such operands");
    const locale = localeOf(invocation, "LC_CTYPE");
    if (!isPlain(locale)) return invocation.refuse("locale of another locale");
    return printLine(invocation, /utf/i.test(locale) ? "UTF-8" : "ANSI_X3.4-1968");
  },
  /** The system's paper, by libpaper. */
  paperconf(invocation) {
    const { shell, world } = invocation;
    const size = world.files.find("/etc/papersize", "/");
    const asked = ["PAPERSIZE", "PAPERCONF"].some((name) => (shell.variables.get(name) ?? "") !== "");
    if (invocation.args.length > 0 || asked || !isPlain(localeOf(invocation, "LC_PAPER")))
      return invocation.refuse("paperconf in such a way");
    // Version 2 has forgotten the file, and its default follows the locale.
    if (world.release === "trixie")
      return size ? invocation.refuse("paperconf with /etc/papersize") : printLine(invocation, "a4");
    if (!size) return printLine(invocation, "letter");
    const [name = "", ...rest] = linesOf(world.files.read(size.path));
    return /^(a[0-9]|letter)$/.test(name) && rest.length === 0
      ? printLine(invocation, name)
      : invocation.refuse("paperconf of such an /etc/papersize");
  },
};

function localeOf({ shell }: Invocation, category: string): string {
  return (
    ["LC_ALL", category, "LANG"].map((name) => shell.variables.get(name) ?? "").find((value) => value !== "") ?? "C"
  );
}

function isPlain(locale: string): boolean {
  return /^(C|POSIX|C\.(UTF-8|utf8))$/.test(locale);
}
