/** Script texts to syntax trees. The parser is lenient by design, so every complaint of its is taken as a refusal. */
import { type HereDoc, type ParsedScript, type WordPart, parse } from "unbash";
import { displayBytes } from "../../../../core/index.ts";
import { isStackEnd, lineOf, NotCovered, type Source } from "./state.ts";

const MAX_SCRIPT = 512 * 1024;
const MAX_HERE_DOCUMENTS = 1000;
/** Of a character that is parsed, in bytes handled. */
const PARSE_COST = 10;
/** Characters; what is made of them takes some hundred times as much. */
const MAX_KNOWN = 256 * 1024;

/** As `parseScript`, but what was parsed not long ago is known; `spend` is told what the others take. */
export function scriptParser(spend: (units: number) => void): (source: Source) => ParsedScript {
  const known = new Map<string, ParsedScript>();
  let characters = 0;
  return (source) => {
    const { text } = source;
    const before = known.get(text);
    if (before !== undefined) return before;
    const script = parseScript(source);
    spend(PARSE_COST * text.length);
    characters += text.length;
    if (characters > MAX_KNOWN) {
      known.clear();
      characters = text.length;
    }
    known.set(text, script);
    return script;
  };
}

/** Throws `NotCovered` for a text that is too long or no shell. */
export function parseScript(source: Source): ParsedScript {
  if (source.text.length > MAX_SCRIPT) throw new NotCovered(`${source.name} is longer than ${MAX_SCRIPT} bytes`);
  // The parser goes through all that are open for each one more.
  if (source.text.split("<<").length > MAX_HERE_DOCUMENTS)
    throw new NotCovered(`${source.name} has more than ${MAX_HERE_DOCUMENTS} here-documents`);
  const script = parsed(source);
  const [problem] = script.errors ?? [];
  if (problem) {
    throw new NotCovered(
      `${source.name}:${lineOf(source, problem.pos)} cannot be parsed: ${displayBytes(problem.message)}`,
    );
  }
  return script;
}

/** Functions in functions and the like, which the parser does not count. */
function parsed({ name, text }: Source): ParsedScript {
  try {
    return parse(text);
  } catch (error) {
    if (!isStackEnd(error)) throw error;
    throw new NotCovered(`${name} is nested too deep`);
  }
}

/** What interprets a file, by its first line; undefined for what no shell reads. */
export function dialectOf(text: string): Source["dialect"] | undefined {
  const interpreter = /^#!\s*(\S+)/.exec(text.slice(0, 200))?.[1];
  if (interpreter === undefined) return undefined;
  if (/^\/(usr\/)?bin\/(sh|dash)$/.test(interpreter)) return "sh";
  return /^\/(usr\/)?bin\/bash$/.test(interpreter) ? "bash" : undefined;
}

/** Options on the first line, such as `-e`. */
export function optionsOf(text: string): readonly string[] {
  const line = text.slice(0, 200).split("\n", 1)[0]!;
  return line.startsWith("#!") ? line.slice(2).trim().split(/\s+/).slice(1) : [];
}

/**
 * The text of an arithmetic expansion is expanded as if in double quotes and only then read as an expression; a
 * here-document's body has the same rules, so it is parsed as one.
 */
export function parseArithmeticText(text: string): string | readonly WordPart[] {
  if (!/[$`\\]/.test(text)) return text;
  const script = parse(`: <<end-of-arithmetic-text\n${text}\nend-of-arithmetic-text\n`);
  const command = script.commands[0]?.command;
  const document = command?.type === "Command" ? command.suffix.find((item) => item.type === "HereDoc") : undefined;
  if (script.errors?.length || !document) throw new NotCovered(`the expression ${displayBytes(text)} cannot be parsed`);
  return bodyParts(document);
}

/** What a here-document holds: parts to expand, or its text where the delimiter is quoted or nothing is to expand. */
export function bodyParts(document: HereDoc): string | readonly WordPart[] {
  const strip = document.operator === "<<-";
  const { body } = document;
  if (document.delimiter?.quoted) return strip ? body.text.replace(/^\t+/gm, "") : body.text;
  if (!body.parts) {
    const text = body.text.replace(/\\([$`\\\n])/g, (_match, char: string) => (char === "\n" ? "" : char));
    return strip ? text.replace(/^\t+/gm, "") : text;
  }
  if (!strip) return body.parts;
  // Leading tabs go line by line; what an expansion yields keeps its own.
  let atStart = true;
  return body.parts.map((part) => {
    if (part.type !== "Literal") {
      atStart = false;
      return part;
    }
    const value = part.value.replace(/\n\t+/g, "\n");
    const stripped = atStart ? value.replace(/^\t+/, "") : value;
    atStart = stripped.endsWith("\n");
    return { ...part, value: stripped };
  });
}
