/** Where a text stops being JSON (RFC 8259): some runtimes tell the place of some mistakes, none of all. */

/** Blanks, and a token behind them. Texts are taken in pieces, so that a long one needs no deep look back. */
const TOKEN =
  // oxlint-disable-next-line no-control-regex -- those are what no string may hold
  /[ \t\n\r]*(?:([{}[\],:])|("[^"\\\u{0}-\u{1f}]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u{0}-\u{1f}]*)*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))?/uy;

type Wanted = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing";

/** The offset of the first token that may not stand there, the text's length where one is missing; undefined of JSON. */
export function jsonFault(text: string): number | undefined {
  const open: ("{" | "[")[] = [];
  let wanted: Wanted = "value";
  for (TOKEN.lastIndex = 0; ;) {
    const [all, mark, string] = TOKEN.exec(text)!;
    const token = all.trimStart();
    if (token === "" && TOKEN.lastIndex === text.length && wanted === "nothing") return undefined;
    const next: Wanted | undefined =
      token === "" ? undefined : after(wanted, mark ?? (string === undefined ? "value" : "string"), open);
    if (next === undefined) return TOKEN.lastIndex - token.length;
    wanted = next;
  }
}

/** What is wanted behind a token; undefined where it may not stand there. `open`: the brackets around it, which it changes. */
function after(wanted: Wanted, token: string, open: ("{" | "[")[]): Wanted | undefined {
  const inner = open.at(-1);
  const behindValue = (): Wanted => (open.length === 0 ? "nothing" : "comma or end");
  if (wanted === "colon") return token === ":" ? "value" : undefined;
  if (wanted.endsWith("end") && token === (inner === "{" ? "}" : "]")) {
    open.pop();
    return behindValue();
  }
  if (wanted === "comma or end") return token === "," ? (inner === "{" ? "key" : "value") : undefined;
  if (wanted.startsWith("key")) return token === "string" ? "colon" : undefined;
  if (wanted === "nothing") return undefined;
  if (token === "string" || token === "value") return behindValue();
  if (token !== "{" && token !== "[") return undefined;
  open.push(token);
  return token === "{" ? "key or end" : "value or end";
}
