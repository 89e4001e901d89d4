/**
 * pam-auth-update(8) on a system that nobody has edited: the common stacks in /etc/pam.d are put together from the
 * templates and the profiles that packages bring, highest priority first.
 */
import { type TreePath, joinPath, treePath } from "../../../../core/index.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { makeDirectories } from "./alternatives.ts";
import { linesOf } from "./text.ts";

export const PAM_COMMANDS: CommandTable = { "pam-auth-update": update };

const PROFILES = treePath("usr/share/pam-configs");
const TEMPLATES = treePath("usr/share/pam");
const STACKS = treePath("etc/pam.d");
const STATE = treePath("var/lib/pam");

/** Each stack's file, its module type and the profile's fields. */
const TYPES = [
  { file: "auth", type: "auth", field: "Auth" },
  { file: "account", type: "account", field: "Account" },
  { file: "password", type: "password", field: "Password" },
  { file: "session", type: "session", field: "Session" },
  { file: "session-noninteractive", type: "session", field: "Session-noninteractive" },
] as const;

/** The marks of a template between which the modules' lines stand. */
const BLOCKS = [
  {
    kind: "Primary",
    start: '# here are the per-package modules (the "Primary" block)',
    end: "# here's the fallback if no module succeeds",
  },
  {
    kind: "Additional",
    start: '# and here are more per-package modules (the "Additional" block)',
    end: "# end of pam-auth-update config",
  },
] as const;

interface Profile {
  readonly name: string;
  readonly fields: ReadonlyMap<string, string>;
}

function update(invocation: Invocation): number {
  const args = [...invocation.args];
  const enabled = new Set<string>();
  while (args.length > 0) {
    const option = args.shift()!;
    if (option === "--root") {
      if (args.shift() !== "") return invocation.refuse("pam-auth-update --root");
    } else if (option === "--enable") {
      while (args[0] !== undefined && !args[0].startsWith("--")) enabled.add(args.shift()!);
    } else if (option !== "--package" && option !== "--force") return invocation.refuse(`pam-auth-update ${option}`);
  }
  const { files } = invocation.world;
  if (files.get(PROFILES)?.type !== "directory") return invocation.refuse("pam-auth-update without profiles");
  const all = files
    .list(PROFILES)
    .filter((name) => !/~$|^#.+#$/.test(name))
    .map((name) => readProfile(name, files.read(joinPath(PROFILES, name))))
    .sort((a, b) => priority(b) - priority(a) || (a.name < b.name ? 1 : -1));
  const chosen = all.filter((profile) => profile.fields.get("Default") === "yes" || enabled.has(profile.name));
  if (chosen.length === 0) return invocation.refuse("pam-auth-update without a profile to enable");
  if (all.some((profile) => profile.fields.has("Conflicts")))
    return invocation.refuse("pam-auth-update with conflicting profiles");

  const before = files.get(joinPath(STATE, "seen")) ? readChosen(invocation, all) : undefined;
  makeDirectories(invocation, STATE);
  makeDirectories(invocation, STACKS);
  files.write(joinPath(STATE, "seen"), all.map((profile) => `${profile.name}\n`).join(""), 0o644);
  for (const stack of TYPES) {
    const target = joinPath(STACKS, `common-${stack.file}`);
    const template = files.read(joinPath(TEMPLATES, `common-${stack.file}`));
    checkUntouched(invocation, target, before && fillTemplate(template, before, stack, invocation));
    files.write(target, fillTemplate(template, chosen, stack, invocation), 0o644);
    files.write(joinPath(STATE, stack.file), savedState(chosen, stack), 0o644);
  }
  return 0;
}

/** The profiles that were chosen the last time, which an earlier call in this evaluation wrote down. */
function readChosen(invocation: Invocation, all: readonly Profile[]): readonly Profile[] {
  const { files } = invocation.world;
  const names = new Set(
    TYPES.flatMap(({ file }) =>
      [...files.read(joinPath(STATE, file)).matchAll(/^Module: (.*)$/gm)].map((match) => match[1]!),
    ),
  );
  names.delete("null");
  return all.filter((profile) => names.has(profile.name));
}

/** A stack that somebody wrote otherwise would have to be merged line by line. */
function checkUntouched({ world, refuse }: Invocation, path: TreePath, expected: string | undefined): void {
  if (world.files.get(path) && world.files.read(path) !== expected) refuse("pam-auth-update over a changed stack");
}

function priority(profile: Profile): number {
  return Number(profile.fields.get("Priority") ?? "0") || 0;
}

/** `Field: value`, or the field's name with its lines below. */
function readProfile(name: string, text: string): Profile {
  const fields = new Map<string, string>();
  let current = "";
  for (const line of linesOf(text)) {
    const [, field] = /^(\S+):(?=\s)/.exec(`${line}\n`) ?? [];
    if (field !== undefined) {
      current = field.replace(/-Final$/, "");
      fields.set(current, line.slice(field.length + 1).trim());
    } else if (line.trim() !== "")
      fields.set(current, `${fields.get(current) ?? ""}\n${line.trim()}`.replace(/^\s+/, ""));
  }
  if (!fields.has("Session-Interactive-Only")) {
    for (const suffix of ["-Type", "", "-Initial"]) {
      const value = fields.get(`Session${suffix}`);
      if (value !== undefined) fields.set(`Session-noninteractive${suffix}`, value);
    }
  }
  return { name, fields };
}

type Stack = (typeof TYPES)[number];

/** A block's lines per profile; the first profile of a block may have its own. */
function blockOf(
  chosen: readonly Profile[],
  { field }: Stack,
  block: "Primary" | "Additional",
): readonly (readonly [string, readonly string[]])[] {
  return chosen
    .filter((profile) => profile.fields.get(`${field}-Type`) === block)
    .map((profile, index) => {
      const text =
        (index === 0 ? profile.fields.get(`${field}-Initial`) : undefined) ?? profile.fields.get(field) ?? "";
      return [profile.name, text.split("\n").filter((line) => line !== "")] as const;
    });
}

function fillTemplate(template: string, chosen: readonly Profile[], stack: Stack, { refuse }: Invocation): string {
  const out: string[] = [];
  let skipping: string | undefined;
  let filled = 0;
  for (const line of linesOf(template)) {
    if (skipping !== undefined && !line.startsWith(skipping)) continue;
    skipping = undefined;
    out.push(line);
    const block = BLOCKS.find(({ start }) => line.startsWith(start));
    if (!block) continue;
    filled++;
    for (const each of blockLines(chosen, stack, block.kind)) out.push(each);
    skipping = block.end;
  }
  if (filled !== 2 || skipping !== undefined) refuse("a PAM template without its marks");
  return out.map((line) => `${line}\n`).join("");
}

function blockLines(chosen: readonly Profile[], stack: Stack, block: "Primary" | "Additional"): readonly string[] {
  const lines = blockOf(chosen, stack, block).flatMap(([, profileLines]) => profileLines);
  if (block === "Primary" && lines.length === 0) return [`${stack.type}\t[default=1]\t\t\tpam_permit.so`];
  // `end` is a jump behind the block: over the lines that are left, in an additional block not off the stack.
  const first = block === "Primary" ? lines.length : lines.length - 1;
  return lines.map((line, index) => {
    const [, module = line, options = ""] = /^((?:\[[^\]]+\]|\w+)\s+\S+)\s*(.*)/.exec(line) ?? [];
    return `${stack.type}\t${module.replaceAll("end", String(first - index))} ${options.split(/\s+/).join(" ")}`;
  });
}

/** What the tool compares the stacks with the next time. */
function savedState(chosen: readonly Profile[], stack: Stack): string {
  const render = (block: "Primary" | "Additional") =>
    blockOf(chosen, stack, block).map(([name, lines]) => `Module: ${name}\n${lines.join("\n")}\n`);
  const primary = render("Primary");
  return [
    ...(primary.length > 0 ? primary : ["Module: null\n[default=1]\t\t\tpam_permit.so\n"]),
    ...render("Additional"),
  ].join("");
}
