/** `WWW-Authenticate` (RFC 9110, 11.6.1): how a registry wants to be told who asks. */

export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_HEADER = 8 * 1024;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const BLANKS = "[ \\t]*";
const PARAMETER = `(${TOKEN})${BLANKS}=${BLANKS}(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`;
const TOKEN68 = "[A-Za-z0-9._~+/-]+=*";

/** What stands between commas, which in quotes are none. */
const ELEMENT = /(?:[^",]|"(?:[^"\\]|\\.)*")+/y;
const SCHEME_AND_PARAMETER = new RegExp(`^(${TOKEN})[ \\t]+${PARAMETER}$`);
const SCHEME = new RegExp(`^(${TOKEN})(?:[ \\t]+${TOKEN68})?$`);
const PARAMETER_ALONE = new RegExp(`^${PARAMETER}$`);

/** Undefined where it does not keep to the grammar: what was meant is not guessed. */
export function parseChallenges(header: string): readonly Challenge[] | undefined {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const begin = (scheme: string) => challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
  const add = (name: string, quoted: string | undefined, plain: string | undefined) => {
    const parameters = challenges.at(-1)?.parameters;
    const key = name.toLowerCase();
    if (parameters === undefined || parameters.has(key)) return false;
    parameters.set(key, plain ?? quoted!.replace(/\\(.)/g, "$1"));
    return true;
  };
  const elements = elementsOf(header);
  for (const element of elements ?? []) {
    const both = SCHEME_AND_PARAMETER.exec(element);
    const alone = both ? undefined : SCHEME.exec(element);
    const parameter = both || alone ? undefined : PARAMETER_ALONE.exec(element);
    if (both) {
      begin(both[1]!);
      add(both[2]!, both[3], both[4]);
    } else if (alone) begin(alone[1]!);
    else if (!parameter || !add(parameter[1]!, parameter[2], parameter[3])) return undefined;
  }
  return elements && challenges;
}

/** Of a list (RFC 9110, 5.6.1): empty ones do not count. Undefined where a quote is not closed. */
function elementsOf(header: string): readonly string[] | undefined {
  if (header.length > MAX_HEADER) return undefined;
  const elements: string[] = [];
  for (let at = 0; at < header.length; at++) {
    if (header[at] === ",") continue;
    ELEMENT.lastIndex = at;
    const element = ELEMENT.exec(header)?.[0];
    if (element === undefined) return undefined;
    at += element.length;
    if (at < header.length && header[at] !== ",") return undefined;
    if (element.trim() !== "") elements.push(element.trim());
  }
  return elements;
}
