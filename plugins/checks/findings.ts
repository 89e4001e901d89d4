/** The list of checks: each looks at one thing, and gives nothing where it is not sure. */
import type { CheckContext, Finding } from "../../core/index.ts";
import { checkCommand } from "./command.ts";
import { checkUser } from "./user.ts";
import { checkWorkingDirectory } from "./working-directory.ts";

export function findingsOf(context: CheckContext): readonly Finding[] {
  return [...checkUser(context), ...checkCommand(context), ...checkWorkingDirectory(context)];
}
