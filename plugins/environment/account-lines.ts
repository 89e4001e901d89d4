/** The lines of `fakeNss`: whether they can stand in passwd and group, and which of them a file lacks. */
import { ImageDslError, displayBytes, encodeText, messageOf, parseGroup, parsePasswd } from "../../core/index.ts";

const ROOT_USER = "root:x:0:0:root user:/var/empty:/bin/sh";
const NOBODY_USER = "nobody:x:65534:65534:nobody:/var/empty:/bin/sh";
const ROOT_GROUP = "root:x:0:";
const NOBODY_GROUP = "nobody:x:65534:";

/** A line with what tells it from others. */
interface Account {
  readonly line: string;
  readonly name: string;
  readonly id: number;
}

/** passwd or group: how its lines are read, and who is in it without being asked for. */
export interface Database {
  readonly file: string;
  readonly parse: (text: string, file?: string) => readonly Omit<Account, "line">[];
  readonly first: string;
  readonly last: string;
}

export const PASSWD: Database = {
  file: "/etc/passwd",
  parse: (text, file) => parsePasswd(text, file).map(({ name, uid }) => ({ name, id: uid })),
  first: ROOT_USER,
  last: NOBODY_USER,
};

export const GROUP: Database = {
  file: "/etc/group",
  parse: (text, file) => parseGroup(text, file).map(({ name, gid }) => ({ name, id: gid })),
  first: ROOT_GROUP,
  last: NOBODY_GROUP,
};

/** What is wrong with `extraPasswdLines`, if anything is: fields, ids, and names or ids given twice. */
export function problemOfPasswdLines(lines: readonly string[]): string | undefined {
  return problemOf(lines, PASSWD, "extraPasswdLines");
}

export function problemOfGroupLines(lines: readonly string[]): string | undefined {
  return problemOf(lines, GROUP, "extraGroupLines");
}

/**
 * `text` (a byte string; undefined: there is no file yet) with the accounts that it lacks at its end. What it says of
 * root and nobody stays. Throws `E_PASSWD_INVALID` where it gives the name or the id of one of `extra` to another.
 */
export function withAccounts(text: string | undefined, extra: readonly string[], database: Database): string {
  const { file, first, last } = database;
  const before = text === undefined || text === "" || text.endsWith("\n") ? (text ?? "") : `${text}\n`;
  const lines = new Set(before.split("\n"));
  const known = database.parse(before, file);
  const takerOf = ({ name, id }: Account) => known.find((each) => each.name === name || each.id === id);
  const wanted = extra.map((line) => accountOf(line, database)).filter(({ line }) => !lines.has(line));
  for (const account of wanted) {
    const taker = takerOf(account);
    if (taker === undefined) continue;
    throw new ImageDslError(
      "E_PASSWD_INVALID",
      `Cannot add "${displayBytes(account.line)}" to ${file}: ${displayBytes(taker.name)} (${taker.id}) has its name or its id there`,
      { hint: "Choose another name and id in fakeNss({ … }), or leave that line out" },
    );
  }
  const ofOwn = (line: string) => [accountOf(line, database)].filter((account) => takerOf(account) === undefined);
  return before + [...ofOwn(first), ...wanted, ...ofOwn(last)].map(({ line }) => `${line}\n`).join("");
}

function accountOf(text: string, { parse }: Database): Account {
  const line = encodeText(text);
  return { line, ...parse(line)[0]! };
}

function problemOf(lines: readonly string[], { parse, first, last }: Database, option: string): string | undefined {
  try {
    const seen = [...parse(`${first}\n${last}`)];
    for (const account of parse(encodeText(lines.join("\n")), option)) {
      const twin = seen.find(({ name, id }) => name === account.name || id === account.id);
      if (twin !== undefined)
        return `${account.name} (${account.id}) and ${twin.name} (${twin.id}) share a name or an id`;
      seen.push(account);
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
