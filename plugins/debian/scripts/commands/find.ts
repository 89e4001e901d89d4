/** find(1): walks what it is given and asks its expression of each path. */
import { type Entry, ROOT } from "../../../../core/index.ts";
import { FileSystemError } from "../file-system.ts";
import type { CommandTable, Invocation } from "../world.ts";
import { eachOperand } from "./files.ts";
import { type FindItem, type FindPlan, parseFind } from "./find-expression.ts";

export const FIND_COMMANDS: CommandTable = { find };

function find(invocation: Invocation): number {
  const args = [...invocation.args];
  let follows = false;
  for (; args[0] === "-H" || args[0] === "-P"; args.shift()) follows = args[0] === "-H";
  const start = args.findIndex((word) => /^-.|^[!(]$/.test(word));
  const paths = args.splice(0, start < 0 ? args.length : start);
  const plan = parseFind(args, invocation);
  if (plan === undefined) return 1;
  const visit = (operand: string) => visitAll(operand, follows || plan.followsLinks, plan, invocation);
  const status = eachOperand(invocation, paths.length === 0 ? ["."] : paths, visit);
  return plan.finish() && status === 0 ? 0 : 1;
}

/** As it is before anything acts; what an action removes is met no more. */
function visitAll(operand: string, follows: boolean, plan: FindPlan, invocation: Invocation): void {
  const { files } = invocation.world;
  const found = itemsOf(operand, follows, invocation);
  let skipped: string | undefined;
  let lost: string | undefined;
  for (const item of plan.childrenFirst ? [...found].reverse() : found) {
    const { path, type } = item.entry;
    invocation.world.step();
    if (skipped !== undefined && path.startsWith(skipped)) continue;
    if (lost !== undefined && path.startsWith(lost)) continue;
    if (path !== ROOT && files.get(path) === undefined) return invocation.refuse("find over what its action removes");
    if (type === "symlink" && plan.followsLinks) return invocation.refuse("find -follow with links");
    if (item.depth > plan.maximum || item.depth < plan.minimum) continue;
    const { prunes } = plan.visit(item);
    if (prunes && !plan.childrenFirst) skipped = `${path}/`;
    // It goes on into a directory that is no more.
    const isGone = path !== ROOT && type === "directory" && files.get(path) === undefined;
    if (isGone && !prunes && !plan.childrenFirst && item.depth < plan.maximum) lost = `${path}/`;
  }
  if (lost !== undefined) throw new FileSystemError("No such file or directory");
}

function itemsOf(operand: string, follows: boolean, { world: { files }, shell }: Invocation): readonly FindItem[] {
  const start = files.resolve(operand, shell.directory, follows);
  const entry = start === ROOT ? rootEntry() : files.get(start);
  if (!entry) throw new FileSystemError("No such file or directory");
  const inside = entry.type === "directory" ? files.below(start) : [];
  const prefix = operand.endsWith("/") ? operand : `${operand}/`;
  const cut = start === ROOT ? 0 : start.length + 1;
  return [
    { entry, name: operand, depth: 0 },
    ...inside.map((item) => {
      const rest = item.path.slice(cut);
      return { entry: item, name: prefix + rest, depth: rest.split("/").length };
    }),
  ];
}

function rootEntry(): Entry {
  return { type: "directory", path: ROOT, mode: 0o755, uid: 0, gid: 0, mtime: 1 };
}
