/** Globs over tree paths: `*` and `?` within a component, `**` over components, `[…]`, `{a,b}`. A directory's match takes all below it. */
import { ImageDslError } from "../error.ts";
import { encodeText } from "../model/bytes.ts";
import type { TreePath } from "../model/path.ts";

/** Whether one of the globs matches a path or a directory above it. Throws `E_PATH_INVALID` for an unclosed `[` or `{`. */
export function globMatcher(globs: readonly string[]): (path: TreePath) => boolean {
  const patterns = globs.map((glob) => new RegExp(`^(?:${translate(glob)})(?:/|$)`, "s"));
  return (path) => patterns.some((pattern) => pattern.test(path));
}

function translate(glob: string): string {
  const text = encodeText(glob)
    .replace(/^(\.?\/)+/, "")
    .replace(/\/+$/, "");
  let result = "";
  let braces = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "*") {
      if (text[i + 1] !== "*") result += "[^/]*";
      else if (text[i + 2] === "/") {
        result += "(?:[^/]+/)*";
        i += 2;
      } else {
        result += ".*";
        i++;
      }
    } else if (char === "?") result += "[^/]";
    else if (char === "[") {
      const end = text.indexOf("]", i + 2);
      if (end < 0) throw unclosed(glob, char);
      result += `(?!/)${classOf(text.slice(i + 1, end))}`;
      i = end;
    } else if (char === "{") {
      braces++;
      result += "(?:";
    } else if (char === "}" && braces > 0) {
      braces--;
      result += ")";
    } else if (char === "," && braces > 0) result += "|";
    else if (char === "\\" && i + 1 < text.length) result += escape(text[++i]!);
    else result += escape(char);
  }
  if (braces > 0) throw unclosed(glob, "{");
  return result;
}

function classOf(body: string): string {
  const negated = body.startsWith("!") || body.startsWith("^");
  return `[${negated ? "^" : ""}${body.slice(negated ? 1 : 0).replace(/[\\[\]^]/g, "\\$&")}]`;
}

function escape(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

function unclosed(glob: string, char: string): ImageDslError {
  return new ImageDslError("E_PATH_INVALID", `Glob "${glob}" opens a "${char}" that it does not close`, {
    hint: `Close it, or write \\${char} for the character itself`,
  });
}
