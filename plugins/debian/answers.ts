/** What users answer to debconf's questions: one answer to each, and only to questions that some package asks. */
import { ImageDslError, displayBytes, nearest } from "../../core/index.ts";
import { controlText } from "./scripts/control-member.ts";
import { type Answers, type Question, choiceList, parseTemplates } from "./scripts/debconf.ts";
import { NotCovered } from "./scripts/shell/state.ts";
import type { ScriptPackage } from "./scripts/world.ts";

type WithControl = Pick<ScriptPackage, "control">;

/**
 * The answers of all sources of an image, as byte strings. Throws `E_DEBIAN_DEBCONF` where two differ, nobody asks, or the
 * question does not take the answer.
 */
export function answersFor(sources: readonly Answers[], packages: readonly WithControl[]): Answers {
  const answers = sources.reduce(mergeAnswers, {});
  checkAnswers(answers, packages);
  const values = Object.entries(answers).map(([name, value]) => [name, Buffer.from(value).toString("latin1")]);
  return Object.fromEntries(values) as Answers;
}

function mergeAnswers(first: Answers, second: Answers): Answers {
  for (const [name, value] of Object.entries(second)) {
    const other = first[name] ?? value;
    if (other !== value)
      throw refusal(`Two sources answer ${displayBytes(name)}: "${other}" and "${value}"`, "Leave one");
  }
  return { ...first, ...second };
}

function checkAnswers(answers: Answers, packages: readonly WithControl[]): void {
  const questions = new Map(packages.flatMap(questionsOf));
  for (const [name, value] of Object.entries(answers)) {
    const question = questions.get(name);
    if (question === undefined) throw unknown(name, [...questions.keys()]);
    const choices = possibleAnswers(question);
    if (choices !== undefined && !choices.includes(value)) throw notTaken(name, value, choices);
  }
}

/** None where the text is no templates: then the package's scripts are not worked out either. */
function questionsOf(each: WithControl): ReturnType<typeof parseTemplates> {
  try {
    return parseTemplates(controlText(each, "templates") ?? "");
  } catch (error) {
    if (error instanceof NotCovered) return [];
    throw error;
  }
}

/** Undefined where anything may be answered, or scripts say what. */
function possibleAnswers(question: Question): readonly string[] | undefined {
  if (question.type === "boolean") return ["true", "false"];
  if (question.type !== "select" || question.storedChoices?.includes("${") !== false) return undefined;
  return choiceList(question);
}

function unknown(name: string, names: readonly string[]): ImageDslError {
  const near = nearest(name, names);
  return refusal(
    `No package of the image asks debconf's question ${displayBytes(name)}`,
    near === undefined
      ? "Names of questions are in a package's templates: debconf-show PACKAGE"
      : `Did you mean ${displayBytes(near)}?`,
  );
}

function notTaken(name: string, value: string, choices: readonly string[]): ImageDslError {
  const those = choices.map((choice) => `"${displayBytes(choice)}"`).join(", ");
  return refusal(`debconf's question ${name} does not take the answer "${value}"`, `It takes ${those}`);
}

function refusal(message: string, hint: string): ImageDslError {
  return new ImageDslError("E_DEBIAN_DEBCONF", message, { hint });
}
