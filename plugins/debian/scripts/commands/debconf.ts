/** The functions of debconf's confmodule (debconf-devel(7)): each sets RET and gives debconf's status. */
import { displayBytes } from "../../../../core/index.ts";
import { type Question, choiceList, choicesOf, flagOf } from "../debconf.ts";
import type { Command, CommandTable, Invocation } from "../world.ts";

/** debconf's statuses. */
const UNKNOWN = 10;
const SKIPPED = 30;

export const DEBCONF_FUNCTIONS: CommandTable = {
  db_version: (invocation) => answer(invocation, "2.0"),
  db_capb: (invocation) => answer(invocation, "multiselect escape"),
  db_title: accept,
  db_settitle: accept,
  db_info: accept,
  db_beginblock: accept,
  db_endblock: accept,
  db_clear: accept,
  db_progress: accept,
  db_stop: () => 0,
  db_go: (invocation) => answer(invocation, "ok"),
  db_input(invocation) {
    const name = invocation.args[1] ?? "";
    const question = invocation.world.debconf.question(name);
    if (!question) return answer(invocation, `"${name}" doesn't exist`, UNKNOWN);
    settleChoice(invocation, name, question);
    return answer(invocation, "question skipped", SKIPPED);
  },
  db_text: (invocation) => answer(invocation, "question skipped", SKIPPED),
  db_get: ask((question) => question.value ?? question.default ?? ""),
  db_set(invocation) {
    const [name = "", ...words] = invocation.args;
    if (!invocation.world.debconf.question(name)) return answer(invocation, `${name} doesn't exist`, UNKNOWN);
    invocation.world.debconf.set(name, words.join(" "));
    return answer(invocation, "value set");
  },
  db_reset(invocation) {
    const name = invocation.args[0] ?? "";
    const question = invocation.world.debconf.question(name);
    if (!question) return answer(invocation, `${name} doesn't exist`, UNKNOWN);
    invocation.world.debconf.set(name, question.default ?? "");
    invocation.world.debconf.setFlag(name, "seen", "false");
    return answer(invocation, "");
  },
  db_subst(invocation) {
    const [name = "", variable = "", ...words] = invocation.args;
    if (!invocation.world.debconf.question(name)) return answer(invocation, `${name} doesn't exist`, UNKNOWN);
    invocation.world.debconf.substitute(name, variable, words.join(" "));
    return answer(invocation, "");
  },
  db_fget: ask((question, invocation) => flagOf(question, invocation.args[1] ?? "")),
  db_fset(invocation) {
    const [name = "", flag = "", value = ""] = invocation.args;
    if (!invocation.world.debconf.question(name)) return answer(invocation, `${name} doesn't exist`, UNKNOWN);
    invocation.world.debconf.setFlag(name, flag, value);
    return answer(invocation, value);
  },
  db_metaget: ask((question, invocation) => {
    const field = invocation.args[1] ?? "";
    if (field === "type") return question.type;
    if (field === "default") return question.default ?? "";
    if (field === "choices" && question.choices === question.storedChoices) return choicesOf(question);
    if (field === "choices-c") return choicesOf(question);
    return invocation.refuse(`db_metaget of ${displayBytes(field)}`);
  }),
  db_data: refuseCommand,
  db_register: refuseCommand,
  db_unregister: accept,
  db_purge: accept,
  db_x_loadtemplatefile: refuseCommand,
};

function answer(invocation: Invocation, text: string, status = 0): number {
  invocation.shell.variables.set("RET", text);
  return status;
}

function accept(invocation: Invocation): number {
  return answer(invocation, "");
}

function refuseCommand(invocation: Invocation): number {
  return invocation.refuse(invocation.name);
}

function ask(value: (question: Question, invocation: Invocation) => string): Command {
  return (invocation) => {
    const name = invocation.args[0] ?? "";
    const question = invocation.world.debconf.question(name);
    if (!question) return answer(invocation, `${name} doesn't exist`, UNKNOWN);
    return answer(invocation, value(question, invocation));
  };
}

/** A select question whose value is none of its choices gets the first one, even though nobody sees it. */
function settleChoice(invocation: Invocation, name: string, question: Question): void {
  if (question.type !== "select" || question.storedChoices === undefined) return;
  const choices = choiceList(question);
  const value = question.value ?? question.default ?? "";
  if (!choices.includes(value) && choices[0] !== undefined) invocation.world.debconf.set(name, choices[0]);
}
