/** `scripts.start` of a package.json, where it does nothing but start Node: `NODE_ENV=production node --flag server.js`. */

/** What a start script, or the preset's options, say of how the app is started. */
export interface Start {
  readonly env: Readonly<Record<string, string>>;
  /** Node's own, before the program. */
  readonly flags: readonly string[];
  /** The program, as it is written there. */
  readonly entry: string;
  readonly args: readonly string[];
}

/** Node's options whose value may stand in the next word. */
const WITH_VALUE = new Set([
  "-r",
  "--require",
  "--import",
  "--loader",
  "--experimental-loader",
  "--env-file",
  "-C",
  "--conditions",
]);
/** What only a shell understands. */
const SHELL = /[`$;&|<>(){}*?!~#\n\\]/;

/** Undefined for anything that a shell, or another program, would have to make something of. */
export function parseStartScript(script: string): Start | undefined {
  const words = wordsOf(script);
  if (words === undefined) return undefined;
  const start = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (start < 0 || words[start] !== "node") return undefined;
  let at = start + 1;
  while (words[at]?.startsWith("-")) at += WITH_VALUE.has(words[at]!) ? 2 : 1;
  const flags = words.slice(start + 1, at);
  const entry = words[at];
  if (entry === undefined || flags.some((flag) => /^(?:-e|-p|--eval|--print|--watch|--test|--run)(?:=|$)/.test(flag))) {
    return undefined;
  }
  const env = Object.fromEntries(words.slice(0, start).map((word) => word.split(/=(.*)/s).slice(0, 2)));
  return { env: env as Record<string, string>, flags, entry, args: words.slice(at + 1) };
}

/** As a shell parts them, in quotes of either kind; undefined where it would do more. */
function wordsOf(script: string): readonly string[] | undefined {
  if (SHELL.test(script)) return undefined;
  const words: string[] = [];
  for (const [whole] of script.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g)) {
    if (whole === '"' || whole === "'") return undefined;
    words.push(whole.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  return words;
}
