/** update-alternatives(1): links in auto and manual mode, with their state files under /var/lib/dpkg/alternatives. */
import { type TreePath, displayBytes, joinPath, parentOf, treePath } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { printLines } from "./text.ts";

export const ALTERNATIVE_COMMANDS: CommandTable = { "update-alternatives": updateAlternatives };

interface Choice {
  readonly path: string;
  readonly priority: number;
  /** Slave names to their files. */
  readonly slaves: ReadonlyMap<string, string>;
}

interface Alternative {
  readonly name: string;
  readonly mode: "auto" | "manual";
  readonly link: string;
  /** Slave names to their links. */
  readonly slaves: ReadonlyMap<string, string>;
  readonly choices: readonly Choice[];
}

const STATE = treePath("var/lib/dpkg/alternatives");
const LINKS = treePath("etc/alternatives");

function updateAlternatives(invocation: Invocation): number {
  const args = invocation.args.filter((arg) => !["--quiet", "--force", "--verbose", "--debug"].includes(arg));
  const [action, ...rest] = args;
  switch (action) {
    case "--install":
      return install(invocation, rest);
    case "--remove":
      return removeChoice(invocation, rest);
    case "--remove-all":
      return load(invocation, rest[0] ?? "") ? invocation.refuse("update-alternatives --remove-all") : 0;
    case "--set":
      return setChoice(invocation, rest);
    case "--auto": {
      const known = load(invocation, rest[0] ?? "");
      if (!known) return fail(invocation, `no alternatives for ${rest[0]}`);
      apply(invocation, { ...known, mode: "auto" }, known);
      return 0;
    }
    case "--list": {
      const known = load(invocation, rest[0] ?? "");
      if (!known) return fail(invocation, `no alternatives for ${rest[0]}`);
      printLines(
        invocation,
        known.choices.map((choice) => choice.path),
      );
      return 0;
    }
    case "--query": {
      const known = load(invocation, rest[0] ?? "");
      return known ? describe(invocation, known) : fail(invocation, `no alternatives for ${rest[0]}`);
    }
    case "--display":
      if (load(invocation, rest[0] ?? "")) return invocation.refuse(`update-alternatives ${action}`);
      return fail(invocation, `no alternatives for ${rest[0]}`);
    default:
      return invocation.refuse(`update-alternatives ${displayBytes(action ?? "")}`);
  }
}

/** What `--query` prints: a paragraph for the name, one for each choice. */
function describe(invocation: Invocation, { name, mode, link, slaves, choices }: Alternative): number {
  const place = joinPath(LINKS, name);
  const current = invocation.world.files.get(place);
  const value = current?.type === "symlink" ? current.target : "none";
  const named = [...slaves].sort(([a], [b]) => (a < b ? -1 : 1));
  const listed = (lines: readonly string[]) => (lines.length === 0 ? [] : ["Slaves:", ...lines]);
  const best = choices.reduce((first, choice) => (choice.priority > first.priority ? choice : first), choices[0]!);
  printLines(invocation, [
    `Name: ${name}`,
    `Link: ${link}`,
    ...listed(named.map(([slave, place_]) => ` ${slave} ${place_}`)),
    `Status: ${mode}`,
    `Best: ${best.path}`,
    `Value: ${value}`,
    ...choices.flatMap((choice) => {
      const own = named.flatMap(([slave]) =>
        choice.slaves.has(slave) ? [` ${slave} ${choice.slaves.get(slave)}`] : [],
      );
      const rows = named.length === 0 ? [] : ["Slaves:", ...own];
      return ["", `Alternative: ${choice.path}`, `Priority: ${choice.priority}`, ...rows];
    }),
  ]);
  return 0;
}

function fail(invocation: Invocation, message: string): number {
  invocation.printError(`update-alternatives: error: ${message}\n`);
  return 2;
}

function install(invocation: Invocation, args: readonly string[]): number {
  const [link, name, path, priority, ...rest] = args;
  if (link === undefined || name === undefined || path === undefined || !/^-?\d{1,9}$/.test(priority ?? "")) {
    return invocation.refuse("update-alternatives --install with such operands");
  }
  const links = new Map<string, string>();
  const files = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 4) {
    const [word, slaveLink, slaveName, slavePath] = rest.slice(at, at + 4);
    if (word !== "--slave" || slaveLink === undefined || slaveName === undefined || slavePath === undefined) {
      return invocation.refuse(`update-alternatives with ${displayBytes(word ?? "")}`);
    }
    links.set(slaveName, slaveLink);
    files.set(slaveName, slavePath);
  }
  if (
    ![link, path, ...links.values(), ...files.values()].every((value) => /^\/[^\n]*$/.test(value)) ||
    !/^[^\s/]+$/.test(name)
  ) {
    return fail(invocation, "names and paths must be absolute and of one line");
  }
  if (!exists(invocation, path)) return fail(invocation, `alternative path ${path} doesn't exist`);
  const known = load(invocation, name);
  if (known && known.link !== link) return invocation.refuse(`an alternative ${displayBytes(name)} with two links`);
  const changed: Alternative = {
    name,
    mode: known?.mode ?? "auto",
    link,
    slaves: new Map([...(known?.slaves ?? []), ...links]),
    choices: [
      ...(known?.choices ?? []).filter((choice) => choice.path !== path),
      { path, priority: Number(priority), slaves: files },
    ],
  };
  apply(invocation, changed, known);
  return 0;
}

function removeChoice(invocation: Invocation, args: readonly string[]): number {
  const known = load(invocation, args[0] ?? "");
  const gone = known?.choices.find((choice) => choice.path === args[1]);
  // Removing what is not registered is a notice only.
  if (!known || !gone) return 0;
  if (known.choices.length === 1) return invocation.refuse("update-alternatives --remove of the last choice");
  apply(invocation, { ...known, choices: known.choices.filter((choice) => choice !== gone) }, known);
  return 0;
}

function setChoice(invocation: Invocation, args: readonly string[]): number {
  const [name = "", path = ""] = args;
  const known = load(invocation, name);
  const choice = known?.choices.find((candidate) => candidate.path === path);
  if (!known || !choice) return fail(invocation, `alternative ${path} for ${name} not registered`);
  point(invocation, known, choice);
  save(invocation, { ...known, mode: "manual" });
  return 0;
}

/** Saves, and points the links at the best choice where the mode is automatic. */
function apply(invocation: Invocation, alternative: Alternative, before: Alternative | undefined): void {
  const sorted = { ...alternative, choices: [...alternative.choices].sort((a, b) => (a.path < b.path ? -1 : 1)) };
  if (alternative.mode === "auto" || !before) {
    const [first, ...others] = sorted.choices;
    point(
      invocation,
      sorted,
      others.reduce((best, choice) => (choice.priority > best.priority ? choice : best), first!),
    );
  }
  save(invocation, sorted);
}

function point(invocation: Invocation, alternative: Alternative, choice: Choice): void {
  const { files } = invocation.world;
  makeDirectories(invocation, LINKS);
  setLink(invocation, joinPath(LINKS, alternative.name), choice.path);
  setLink(invocation, linkPlace(invocation, alternative.link), `/${LINKS}/${alternative.name}`);
  for (const [name, link] of alternative.slaves) {
    const file = choice.slaves.get(name);
    if (file !== undefined && exists(invocation, file)) {
      setLink(invocation, joinPath(LINKS, name), file);
      setLink(invocation, linkPlace(invocation, link), `/${LINKS}/${name}`);
      continue;
    }
    for (const path of [joinPath(LINKS, name), linkPlace(invocation, link)]) {
      if (files.get(path)?.type === "symlink") files.remove(path);
    }
  }
}

function setLink(invocation: Invocation, path: TreePath, target: string): void {
  const { files } = invocation.world;
  const there = files.get(path);
  // A file or directory in a link's place is left alone, with a warning.
  if (there && there.type !== "symlink") return;
  if (there?.target === target) return;
  if (there) files.remove(path);
  files.makeLink(path, target);
}

function linkPlace({ world }: Invocation, link: string): TreePath {
  return world.files.resolve(link, "/", false);
}

function exists({ world }: Invocation, path: string): boolean {
  return world.files.find(path, "/") !== undefined;
}

export function makeDirectories({ world }: Invocation, path: TreePath): void {
  if (path === "" || world.files.get(path)?.type === "directory") return;
  makeDirectories({ world } as Invocation, parentOf(path));
  world.files.makeDirectory(path, 0o755);
}

function load(invocation: Invocation, name: string): Alternative | undefined {
  const { files } = invocation.world;
  if (!/^[^\s/]+$/.test(name)) return undefined;
  const path = joinPath(STATE, name);
  if (!files.get(path)) return undefined;
  const lines = files.read(path).split("\n");
  let next = 0;
  const refuse = () => invocation.refuse(`the state of the alternative ${displayBytes(name)}`);
  const take = (): string => lines[next++] ?? refuse();
  const mode = take();
  const link = take();
  if (mode !== "auto" && mode !== "manual") return refuse();
  const slaves = new Map<string, string>();
  for (let slave = take(); slave !== ""; slave = take()) slaves.set(slave, take());
  const choices: Choice[] = [];
  for (let path_ = take(); path_ !== ""; path_ = take()) {
    const priority = Number(take());
    const files_ = [...slaves.keys()].map((slave) => [slave, take()] as const).filter(([, file]) => file !== "");
    choices.push({ path: path_, priority, slaves: new Map(files_) });
  }
  return choices.length === 0 ? refuse() : { name, mode, link, slaves, choices };
}

function save(invocation: Invocation, alternative: Alternative): void {
  const { files } = invocation.world;
  const slaves = [...alternative.slaves].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    alternative.mode,
    alternative.link,
    ...slaves.flat(),
    "",
    ...alternative.choices.flatMap((choice) => [
      choice.path,
      String(choice.priority),
      ...slaves.map(([name]) => choice.slaves.get(name) ?? ""),
    ]),
    "",
  ];
  makeDirectories(invocation, STATE);
  const path = joinPath(STATE, alternative.name);
  if (files.get(path)?.type === "directory") throw new FileSystemError("Is a directory");
  files.write(path, `${lines.join("\n")}\n`, 0o644);
}
