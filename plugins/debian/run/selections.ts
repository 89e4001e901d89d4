/** Answers to debconf's questions as debconf-set-selections(1) reads them. */
import { controlText } from "../scripts/control-member.ts";
import { parseTemplates, type Answers } from "../scripts/debconf.ts";
import type { ScriptPackage } from "../scripts/world.ts";

/** One line for each question, by whoever asks it. */
export function selectionsText(answers: Answers, packages: readonly ScriptPackage[]): string {
  if (Object.keys(answers).length === 0) return "";
  return packages
    .flatMap((item) =>
      parseTemplates(controlText(item, "templates") ?? "").flatMap(([question, { type }]) => {
        const answer = answers[question];
        return answer === undefined
          ? []
          : [`${item.name} ${question} ${type} ${Buffer.from(answer, "latin1").toString()}\n`];
      }),
    )
    .join("");
}
