/** Passwords and how long they are good, comments and shells: passwd, chage, chfn, chsh, shadowconfig. */
import { type ShadowEntry, displayBytes } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { fail } from "./account-options.ts";
import { parseOptions } from "./options.ts";
import { printLine } from "./text.ts";

export const PASSWORD_COMMANDS: CommandTable = {
  passwd,
  chage,
  chfn,
  chsh,
  shadowconfig(invocation) {
    if (invocation.args.join(" ") !== "on") return invocation.refuse("shadowconfig off");
    invocation.world.accounts.enableShadow();
    return 0;
  },
  chpasswd: (invocation) => invocation.refuse("chpasswd: a password's hash differs each time"),
};

function passwd(invocation: Invocation): number {
  const options = parseOptions(invocation, [..."ldueq", "lock", "delete", "unlock", "expire", "quiet"]);
  const { accounts } = invocation.world;
  const [name, ...more] = options.operands;
  const action = [...options.values.keys()].filter((option) => option !== "q" && option !== "quiet");
  if (name === undefined || more.length > 0 || action.length !== 1)
    return invocation.refuse("passwd that asks for a password, or with such options");
  const before = accounts.shadow(name)?.password;
  if (!accounts.user(name) || before === undefined) return fail(invocation, 1, `user '${name}' does not exist`);
  if (options.has("l", "lock") && !before.startsWith("!")) accounts.changeShadow(name, { password: `!${before}` });
  if (options.has("d", "delete")) accounts.changeShadow(name, { password: "" });
  if (options.has("e", "expire")) accounts.changeShadow(name, { lastChange: 0 });
  if (options.has("u", "unlock") && before.startsWith("!")) {
    if (before === "!") return fail(invocation, 3, "unlocking the password would result in a passwordless account.");
    accounts.changeShadow(name, { password: before.slice(1) });
  }
  return options.has("q", "quiet") ? 0 : printLine(invocation, "passwd: password changed.");
}

const AGES = [
  ["lastChange", "d", "lastday"],
  ["minimum", "m", "mindays"],
  ["maximum", "M", "maxdays"],
  ["warning", "W", "warndays"],
  ["inactive", "I", "inactive"],
  ["expires", "E", "expiredate"],
] as const;

function chage(invocation: Invocation): number {
  const options = parseOptions(
    invocation,
    AGES.flatMap(([, letter, word]) => [`${letter}:`, `${word}:`]),
  );
  const [name, ...more] = options.operands;
  if (name === undefined || more.length > 0 || options.values.size === 0)
    return invocation.refuse("chage with such options");
  if (!invocation.world.accounts.user(name)) return fail(invocation, 1, `user '${name}' does not exist in /etc/passwd`);
  const change = AGES.flatMap(([key, letter, word]) => {
    const text = options.last(letter, word);
    return text === undefined ? [] : [[key, daysOption(invocation, text)] as const];
  });
  invocation.world.accounts.changeShadow(name, Object.fromEntries(change) as Partial<ShadowEntry>);
  return 0;
}

/** Days, or a date as days since the epoch; -1 takes a limit away. */
export function daysOption(invocation: Invocation, text: string): number | undefined {
  if (text === "-1") return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(date) ? invocation.refuse(`the day ${displayBytes(text)}`) : date / 86_400_000;
}

/** The comment's four fields, each by its option; others follow them. */
function chfn(invocation: Invocation): number {
  const fields = ["f", "r", "w", "h"];
  const words = ["full-name", "room", "work-phone", "home-phone"];
  const options = parseOptions(
    invocation,
    [...fields, ...words, "o", "other"].map((option) => `${option}:`),
  );
  const { accounts } = invocation.world;
  const [name, ...more] = options.operands;
  if (name === undefined || more.length > 0 || options.values.size === 0)
    return invocation.refuse("chfn with such options");
  const user = accounts.user(name);
  if (!user) return fail(invocation, 1, `user '${name}' does not exist`);
  const given = [...options.values.values()].flat();
  if (given.some((value) => /[^ -~]|[:,=]/.test(value))) return invocation.refuse("chfn with such a value");
  const parts = user.gecos.split(",");
  const four = fields.map((field, index) => options.last(field, words[index]!) ?? parts[index] ?? "");
  const other = options.last("o", "other") ?? parts.slice(4).join(",");
  accounts.changeUser(name, { gecos: [...four, ...(other === "" ? [] : [other])].join(",") });
  return 0;
}

function chsh(invocation: Invocation): number {
  const options = parseOptions(invocation, ["s:", "shell:"]);
  const shell = options.last("s", "shell");
  const [user, ...more] = options.operands;
  if (shell === undefined || user === undefined || more.length > 0) return invocation.refuse("chsh with such options");
  if (/[:,=]/.test(shell)) return invocation.refuse("chsh with such a shell");
  if (!invocation.world.accounts.user(user)) return fail(invocation, 1, `user '${user}' does not exist`);
  invocation.world.accounts.changeUser(user, { shell });
  return 0;
}
