/** The builtins `cd` and `pwd`: a place as it was named (PWD) and where it is, links followed. */
import { displayBytes } from "../../../../core/index.ts";
import type { World } from "../world.ts";
import { DISCARD, NotCovered, type Shell, setVariable } from "./state.ts";

export function changeDirectory(args: readonly string[], shell: Shell, world: World): number {
  const refuse = (): never => {
    throw new NotCovered(`cd ${displayBytes(args.join(" "))} is not supported`);
  };
  const operands = args.filter((arg) => !/^-[LP-]$/.test(arg));
  const isPhysical = args.includes("-P");
  const [operand = shell.variables.get("HOME")] = operands;
  if (operands.length > 1 || operand === undefined || operand === "" || shell.variables.has("CDPATH")) return refuse();
  const target = operand === "-" ? (shell.variables.get("OLDPWD") ?? refuse()) : operand;
  const named = target.startsWith("/") ? target : `${shell.namedDirectory}/${target}`;
  const place = world.files.resolve(isPhysical ? named : withoutDots(named), "/");
  if (place !== "" && world.files.get(place)?.type !== "directory") {
    (shell.outputs.get(2) ?? DISCARD).write(`cd: can't cd to ${target}\n`);
    return shell.source.dialect === "bash" ? 1 : 2;
  }
  // A dot-dot behind a link, or behind nothing, is gone in the text and still checked by the shells.
  if (!isPhysical && /(^|\/)\.\.(\/|$)/.test(target) && !isPlain(named, world)) return refuse();
  const before = shell.namedDirectory;
  shell.directory = `/${place}`;
  shell.namedDirectory = isPhysical ? shell.directory : withoutDots(named);
  setVariable(shell, "OLDPWD", before);
  setVariable(shell, "PWD", shell.namedDirectory);
  if (operand === "-") (shell.outputs.get(1) ?? DISCARD).write(`${shell.namedDirectory}\n`);
  return 0;
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return `/${kept.join("/")}`;
}

/** Whether every step of a path is a directory that is there. */
function isPlain(path: string, world: World): boolean {
  const parts = path.split("/");
  return parts.every((_part, index) => {
    const place = world.files.resolve(`/${withoutDots(parts.slice(0, index + 1).join("/"))}`, "/");
    return place === "" || world.files.get(place)?.type === "directory";
  });
}
