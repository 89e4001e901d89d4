/**
 * debconf as the noninteractive frontend has it: templates and their defaults, and what config scripts set. Questions
 * are never shown, so `db_input` answers "skipped".
 */
import { displayBytes } from "../../../core/index.ts";
import { NotCovered } from "./shell/state.ts";

/** What users answer, by the name of the question. */
export type Answers = Readonly<Record<string, string>>;

export interface Debconf {
  /** The confmodule was read: the package's config script has had its say. */
  start(): void;
  /** Loads a package's templates. Throws `NotCovered` for a text that is none. */
  load(templates: string): void;
  /** Whether the user answers one of these templates' questions. */
  isAnswered(templates: string): boolean;
  /** Throws what a question was forgotten for. */
  question(name: string): Question | undefined;
  /** The answers to the questions of these templates cannot be known any more. */
  forget(templates: string, problem: NotCovered): void;
  set(name: string, value: string): void;
  setFlag(name: string, flag: string, value: string): void;
  substitute(name: string, variable: string, value: string): void;
  /** What a rolled-back package leaves behind must go too. */
  snapshot(): () => void;
}

export interface Question {
  readonly type: string;
  readonly default: string | undefined;
  /** As shown, and as stored where that differs. */
  readonly choices: string | undefined;
  readonly storedChoices: string | undefined;
  readonly value: string | undefined;
  readonly flags: Readonly<Record<string, string>>;
  /** What `db_subst` put for `${NAME}` in the choices. */
  readonly substitutions: Readonly<Record<string, string>>;
}

const MAX_TEMPLATES = 5000;

/** `answers` are there before any script, as debconf-set-selections puts them: with the flag that they were seen. */
export function createDebconf(runConfig: () => void, answers: Answers): Debconf {
  const answered = new Map(Object.entries(answers));
  let questions = new Map<string, Question>();
  let forgotten = new Map<string, NotCovered>();
  const change = (name: string, what: Partial<Question>) => {
    const question = questions.get(name);
    if (question) questions.set(name, { ...question, ...what });
  };
  return {
    start: runConfig,
    load(templates) {
      for (const [name, question] of parseTemplates(templates)) {
        const value = answered.get(name);
        const known = value === undefined ? question : { ...question, value, flags: { seen: "true" } };
        if (!questions.has(name)) questions.set(name, known);
      }
      if (questions.size > MAX_TEMPLATES) throw new NotCovered(`more than ${MAX_TEMPLATES} debconf questions`);
    },
    isAnswered: (templates) => parseTemplates(templates).some(([name]) => answered.has(name)),
    question(name) {
      const problem = forgotten.get(name);
      if (problem) throw problem;
      return questions.get(name);
    },
    forget(templates, problem) {
      for (const [name] of parseTemplates(templates)) forgotten.set(name, problem);
    },
    set: (name, value) => change(name, { value }),
    setFlag(name, flag, value) {
      const set = flag === OLD_FLAG ? { seen: negated(value) } : { [flag]: value };
      change(name, { flags: { ...questions.get(name)?.flags, ...set } });
    },
    substitute: (name, variable, value) =>
      change(name, { substitutions: { ...questions.get(name)?.substitutions, [variable]: value } }),
    snapshot() {
      const saved = { questions: new Map(questions), forgotten: new Map(forgotten) };
      return () => {
        ({ questions, forgotten } = saved);
      };
    },
  };
}

/** What `seen` was called once, the other way round. */
const OLD_FLAG = "isdefault";

/** `db_fget`: a flag that nobody set is false. */
export function flagOf({ flags }: Question, flag: string): string {
  return flag === OLD_FLAG ? negated(flags["seen"]) : (flags[flag] ?? "false");
}

function negated(value: string | undefined): string {
  return value === "true" ? "false" : "true";
}

/** As stored, with what `db_subst` put into them. */
export function choicesOf({ storedChoices, substitutions }: Question): string {
  return (storedChoices ?? "").replace(/\$\{([^}]{0,200})\}/g, (_match, name: string) => substitutions[name] ?? "");
}

export function choiceList(question: Question): readonly string[] {
  const choices = choicesOf(question).split(",");
  return choices.map((each, index) => {
    const begun = index === 0 ? each : each.trimStart();
    return index === choices.length - 1 ? begun : begun.trimEnd();
  });
}

/** deb822 paragraphs; translated fields (`Default-de.UTF-8`) are for other languages. */
export function parseTemplates(text: string): readonly (readonly [string, Question])[] {
  return text
    .split(/\n[ \t]*\n+/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => {
      const fields = new Map<string, string>();
      for (const line of paragraph.split("\n")) {
        const [, name, value] = /^([A-Za-z][\w.@-]*):(.*)$/.exec(line) ?? [];
        if (name !== undefined) fields.set(name.toLowerCase(), value!.replace(/^[ \t]+/, "").trimEnd());
      }
      const name = fields.get("template");
      if (name === undefined || !/^[\w.+/:-]+$/.test(name)) {
        throw new NotCovered(`a debconf template without a proper name: ${displayBytes(paragraph.slice(0, 60))}`);
      }
      const choices = fields.get("choices");
      const storedChoices = fields.get("choices-c") ?? choices;
      const type = fields.get("type") ?? "string";
      const question = { type, default: fields.get("default"), choices, storedChoices, value: undefined };
      return [name, { ...question, flags: {}, substitutions: {} }] as const;
    });
}
